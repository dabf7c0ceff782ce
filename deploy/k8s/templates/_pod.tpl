{{/* The pod of a program. .role is that of a service's process; .state names the volume of its state. */}}
{{- define "millrace.pod" -}}
{{- $facts := include "millrace.facts" .root | fromYaml -}}
{{- $values := .root.Values -}}
{{- $own := include "millrace.own" . | fromYaml -}}
{{- $ofRole := get ($own.roles | default dict) (.role | default "") | default dict -}}
{{- $resources := mergeOverwrite (dict "limits" (dict "memory" $facts.memory)) (deepCopy $values.resources) (deepCopy ($own.resources | default dict)) (deepCopy ($ofRole.resources | default dict)) -}}
metadata:
  labels:
    {{- include "millrace.labels" . | nindent 4 }}
  {{- with $values.podAnnotations }}
  annotations: {{ toJson . }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  # The first process of the pod passes SIGTERM on, as the init process of compose does.
  shareProcessNamespace: true
  {{- if eq .name "migrate" }}
  restartPolicy: Never
  {{- end }}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets: {{ toJson . }}
  {{- end }}
  # preStop takes 5 s of it.
  terminationGracePeriodSeconds: {{ add $facts.stopSeconds 5 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    seccompProfile: { type: RuntimeDefault }
  {{- with $values.nodeSelector }}
  nodeSelector: {{ toJson . }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{ toJson . }}
  {{- end }}
  {{- if .program.port }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "millrace.selector" . | nindent 10 }}
  {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ printf "%s/%s:%s" $values.image.registry .name ($values.image.tag | default .root.Chart.AppVersion) | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      env:
        {{- include "millrace.environment" . | trim | nindent 8 }}
      {{- if .program.port }}
      ports:
        - { name: http, containerPort: {{ .program.port }} }
        {{- if ne .name "console" }}
        - { name: ops, containerPort: {{ $facts.opsPort }} }
        {{- end }}
      # A process that waits for its database is alive, and a restart would not help it.
      startupProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: 5
        timeoutSeconds: {{ $facts.probe.timeoutSeconds }}
        failureThreshold: {{ div $facts.probe.startSeconds 5 }}
      livenessProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: {{ $facts.probe.periodSeconds }}
        timeoutSeconds: {{ $facts.probe.timeoutSeconds }}
        failureThreshold: {{ $facts.probe.failureThreshold }}
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 5
        timeoutSeconds: {{ $facts.probe.timeoutSeconds }}
        failureThreshold: {{ $facts.probe.failureThreshold }}
      # New requests stop to come before the program stops to take them.
      lifecycle:
        preStop:
          sleep: { seconds: 5 }
      {{- end }}
      resources: {{ toJson $resources }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- if .program.state }}
        - { name: state, mountPath: /data }
        {{- end }}
        {{- if $values.kafka.tls.secretName }}
        - { name: kafka-tls, mountPath: /etc/kafka-tls, readOnly: true }
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
    {{- with $values.kafka.tls.secretName }}
    - name: kafka-tls
      secret: { secretName: {{ . | quote }} }
    {{- end }}
{{- end }}
