{{/* What docker-compose.yml and the Dockerfile say of the programs. */}}
{{- define "millrace.facts" -}}
{{- .Files.Get "files/programs.yaml" -}}
{{- end }}

{{- define "millrace.prefix" -}}
{{- . | upper | replace "-" "_" -}}
{{- end }}

{{/* The names of the optional apps that run, separated by spaces. */}}
{{- define "millrace.apps" -}}
{{- $facts := include "millrace.facts" . | fromYaml -}}
{{- $all := keys $facts.apps | sortAlpha -}}
{{- if kindIs "string" .Values.with -}}
{{- if ne .Values.with "all" }}{{ fail (printf "with: %s: give 'all' or a list of names" .Values.with) }}{{ end -}}
{{- join " " $all -}}
{{- else -}}
{{- range .Values.with -}}
{{- if not (has . $all) }}{{ fail (printf "with: there is no optional app %s: the apps are %s" . (join ", " $all)) }}{{ end -}}
{{- end -}}
{{- join " " .Values.with -}}
{{- end -}}
{{- end }}

{{/* The roles of a service, separated by spaces. */}}
{{- define "millrace.roles" -}}
{{- if eq .root.Values.layout "together" -}}
together
{{- else -}}
api worker relay{{ if .program.readModels }} projector{{ end }}
{{- end -}}
{{- end }}

{{/* The consumer groups of a role, separated by spaces. KEDA scales by their lag. */}}
{{- define "millrace.groups" -}}
{{- if eq .role "worker" }}{{ .name }}{{ end -}}
{{- if eq .role "projector" }}{{ .name }}-projector{{ end -}}
{{- if eq .role "together" }}{{ .name }}{{ if .program.readModels }} {{ .name }}-projector{{ end }}{{ end -}}
{{- end }}

{{/* The name of what runs a role: RELEASE-order-worker, or RELEASE-order where a process has all roles. */}}
{{- define "millrace.workload" -}}
{{- .root.Release.Name }}-{{ .name }}{{ if and .role (ne .role "together") }}-{{ .role }}{{ end -}}
{{- end }}

{{- define "millrace.labels" -}}
{{ include "millrace.selector" . }}
app.kubernetes.io/part-of: millrace
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "millrace.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: {{ .name }}
{{- if .role }}
app.kubernetes.io/component: {{ .role }}
{{- end }}
{{- end }}

{{/* The values of a program: those of services, of apps, or the console's. */}}
{{- define "millrace.own" -}}
{{- $own := dict -}}
{{- if eq .name "console" }}{{ $own = .root.Values.console }}
{{- else if eq .name "migrate" }}{{ $own = .root.Values.migrate }}
{{- else }}{{ $own = get (merge (dict) .root.Values.services .root.Values.apps) .name | default dict }}{{ end -}}
{{- toYaml $own -}}
{{- end }}

{{/* Fails if the values name a program or a setting that does not exist, or lack one that is needed. */}}
{{- define "millrace.check" -}}
{{- $facts := include "millrace.facts" . | fromYaml -}}
{{- $root := . -}}
{{- range $path, $value := dict "postgres.host" .Values.postgres.host "keys.host" .Values.keys.host "kafka.bootstrapServers" .Values.kafka.bootstrapServers -}}
{{- if not $value }}{{ fail (printf "%s has no value: give the address" $path) }}{{ end -}}
{{- end -}}
{{- range $kind := list "services" "apps" -}}
{{- range $name, $own := get $root.Values $kind -}}
{{- if not (hasKey (get $facts $kind) $name) -}}
{{- fail (printf "%s.%s: there is none of this name: choose one of %s" $kind $name (keys (get $facts $kind) | sortAlpha | join ", ")) -}}
{{- end -}}
{{- include "millrace.checkSettings" (dict "facts" $facts "path" (printf "%s.%s.settings" $kind $name) "settings" $own.settings "prefix" (include "millrace.prefix" $name)) -}}
{{- end -}}
{{- end -}}
{{- include "millrace.checkSettings" (dict "facts" $facts "path" "settings" "settings" .Values.settings "prefix" "-") -}}
{{- range $name, $program := $facts.services -}}
{{- range $needed := $program.needed -}}
{{- $own := get $root.Values.services $name | default dict -}}
{{- if not (or (hasKey $root.Values.settings $needed) (hasKey ($own.settings | default dict) $needed)) -}}
{{- fail (printf "settings.%s has no value: %s needs it" $needed $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "millrace.checkSettings" -}}
{{- range $setting, $value := .settings -}}
{{- if not (or (has $setting $.facts.known) (regexMatch (printf "^%s_(READ_)?DATABASE_(URL|POOL_SIZE)$" $.prefix) $setting)) -}}
{{- fail (printf "%s.%s: there is no such setting: docs/reference/settings.md lists them" $.path $setting) -}}
{{- end -}}
{{- end -}}
{{- end }}
