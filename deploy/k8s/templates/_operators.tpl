{{/* The operator API: every process of a program answers for all of them, also one that is not ready. */}}
{{- define "millrace.operators" }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}-ops
  labels:
    {{- include "millrace.labels" . | nindent 4 }}
spec:
  publishNotReadyAddresses: true
  selector:
    {{- include "millrace.selector" . | nindent 4 }}
  ports:
    - { name: ops, port: {{ (include "millrace.facts" .root | fromYaml).opsPort }}, targetPort: ops }
{{- end }}
