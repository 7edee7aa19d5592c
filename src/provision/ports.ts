/** Where kubelet asks how Envoy is, which load balancers may do as well. */
export const healthPort = 8002;

/** Where Sluice asks which endpoints an Envoy leaves out. */
export const viewPort = 18005;
