{{/* What the names of all objects begin with. */}}
{{- define "sluice.name" -}}
{{- .Values.nameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "sluice.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* Labels by which pods of a part are chosen; they never change. Takes the root and the part: (list . "server"). */}}
{{- define "sluice.selector" -}}
app.kubernetes.io/name: sluice
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ (index . 0).Chart.Name }}-{{ (index . 0).Chart.Version }}
{{- end -}}

{{/* Where Envoys find Sluice; also the first name in its certificate. */}}
{{- define "sluice.host" -}}
{{ include "sluice.name" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* Names of Secrets, as `sluice certificates --secrets` forms them. Takes the root and the group. */}}
{{- define "sluice.groupSecret" -}}
{{ include "sluice.name" (index . 0) }}-group-{{ index . 1 | replace "/" "." }}
{{- end -}}

{{/* "restricted" of the pod security standards. One user for all containers, so that they share files. */}}
{{- define "sluice.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "sluice.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Where pods run. Takes the root, the part, its values, and whether replicas are to be spread. */}}
{{- define "sluice.placement" -}}
{{- $selector := include "sluice.selector" (list (index . 0) (index . 1)) | fromYaml -}}
{{- $values := index . 2 -}}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- if $values.affinity }}
affinity: {{- toYaml $values.affinity | nindent 2 }}
{{- else if index . 3 }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- toYaml $selector | nindent 14 }}
{{- end }}
{{- if $values.topologySpreadConstraints }}
topologySpreadConstraints: {{- toYaml $values.topologySpreadConstraints | nindent 2 }}
{{- else if index . 3 }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- toYaml $selector | nindent 8 }}
{{- end }}
{{- end -}}

{{/* Groups that have certificates: also that of Envoys which somebody else runs. */}}
{{- define "sluice.groups" -}}
- {{ .Values.envoy.group }}
{{- range .Values.sidecars }}
- sidecar/{{ .namespace }}/{{ .service }}
{{- end }}
{{- end -}}

{{/* A run of `sluice certificates`. */}}
{{- define "sluice.keysJob" -}}
{{- $name := include "sluice.name" . -}}
backoffLimit: 6
ttlSecondsAfterFinished: 600
template:
  metadata:
    labels: {{- include "sluice.labels" (list . "keys") | nindent 6 }}
  spec:
    serviceAccountName: {{ $name }}-keys
    enableServiceLinks: false
    restartPolicy: OnFailure
    securityContext: {{- include "sluice.podSecurity" . | nindent 6 }}
    {{- with .Values.imagePullSecrets }}
    imagePullSecrets: {{- toYaml . | nindent 6 }}
    {{- end }}
    containers:
      - name: keys
        image: {{ include "sluice.image" . | quote }}
        imagePullPolicy: {{ .Values.image.pullPolicy }}
        args:
          - certificates
          - --secrets={{ .Release.Namespace }}
          - --prefix={{ $name }}
          {{- if eq .Values.certificates.issuer "Sluice" }}
          - --trust-domain={{ .Values.trustDomain }}
          {{- range include "sluice.serverNames" . | fromYamlArray }}
          - --server={{ . }}
          {{- end }}
          {{- range include "sluice.groups" . | fromYamlArray }}
          - --group={{ . }}
          {{- end }}
          - --days={{ int .Values.certificates.days }}
          - --authority-days={{ int .Values.certificates.authorityDays }}
          {{- else }}
          - --only-keys
          {{- end }}
        resources: {requests: {cpu: 10m, memory: 64Mi}, limits: {memory: 256Mi}}
        securityContext: {{- include "sluice.containerSecurity" . | nindent 10 }}
{{- end -}}

{{/* By which Envoys of this cluster may reach Sluice. */}}
{{- define "sluice.serverNames" -}}
- {{ include "sluice.host" . }}
- {{ include "sluice.name" . }}.{{ .Release.Namespace }}
- {{ include "sluice.name" . }}
{{- end -}}

{{/* What Sluice may do with the objects of a namespace, or of all. */}}
{{- define "sluice.rules" -}}
- apiGroups: [""]
  resources: [services]
  verbs: [list, watch]
# Listed by name; only what something refers to is read.
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get, list, watch]
# Those of ingress-nginx, for its flags.
- apiGroups: [apps]
  resources: [deployments, daemonsets]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch]
- apiGroups: [gateway.networking.k8s.io]
  resources: [gateways, httproutes, grpcroutes, backendtlspolicies, referencegrants]
  verbs: [list, watch]
- apiGroups: [gateway.sluice.dev]
  resources: [backendpolicies, backends, gatewayconfigs, grpcjsontranscoders, sidecars, trafficpolicies]
  verbs: [list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses/status]
  verbs: [patch]
- apiGroups: [gateway.networking.k8s.io]
  resources: [gateways/status, httproutes/status, grpcroutes/status, backendtlspolicies/status]
  verbs: [patch]
- apiGroups: [gateway.sluice.dev]
  resources: [backendpolicies/status, backends/status, gatewayconfigs/status, grpcjsontranscoders/status, sidecars/status, trafficpolicies/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- if .Values.provisioning.enabled }}
# Envoys of Gateways. What is not in the list is looked for by its name, so that nobody's is taken over.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, create, patch, delete]
- apiGroups: [""]
  resources: [secrets]
  verbs: [create, patch, delete]
- apiGroups: [""]
  resources: [services]
  verbs: [get, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, create, patch, delete]
{{- end }}
{{- end -}}

{{/* What the server makes Envoys of Gateways by. */}}
{{- define "sluice.provisioning" -}}
image: {repository: {{ .Values.image.repository | quote }}, tag: {{ .Values.image.tag | default .Chart.AppVersion | quote }}, pullPolicy: {{ .Values.image.pullPolicy }}}
imagePullSecrets: {{- toYaml .Values.imagePullSecrets | nindent 2 }}
xds: {{ include "sluice.host" . }}:18000
authority: {namespace: {{ .Release.Namespace }}, name: {{ include "sluice.name" . }}-authority}
certificateDays: {{ int .Values.certificates.days }}
networkPolicy: {{ .Values.networkPolicy.enabled }}
envoy: {{- toYaml (omit .Values.envoy "kind" "group" "passwords" "ports") | nindent 2 }}
{{- end -}}

{{/* Name servers and the API server. Takes the values of `networkPolicy`. */}}
{{- define "sluice.egress" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
- ports:
    {{- range .apiServerPorts }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end -}}
