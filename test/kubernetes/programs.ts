import { kubernetesProgram } from '../apiserver/program.ts';
import { helmProgram } from '../helm/helm.ts';

/** Builds what the tests with Kubernetes need before the time of any of them counts: minutes, once. */
await kubernetesProgram();
await helmProgram();
