{{/* The variables of a program. The name of the pod, users and passwords come first, since URLs have them. */}}
{{- define "millrace.environment" -}}
{{- $facts := include "millrace.facts" .root | fromYaml -}}
{{- $values := .root.Values -}}
{{- $prefix := include "millrace.prefix" .name -}}
{{- $own := include "millrace.own" . | fromYaml -}}
{{- $settings := dict "KAFKA_BOOTSTRAP_SERVERS" $values.kafka.bootstrapServers
  "KAFKA_REPLICATION_FACTOR" $values.kafka.replicationFactor
  "KAFKA_MIN_INSYNC_REPLICAS" $values.kafka.minInsyncReplicas
  "KAFKA_SECURITY_PROTOCOL" $values.kafka.securityProtocol -}}
{{- if hasPrefix "SASL_" $values.kafka.securityProtocol -}}
{{- $_ := set $settings "KAFKA_SASL_MECHANISM" (required "kafka.saslMechanism has no value: SASL needs it" $values.kafka.saslMechanism) -}}
{{- if ne $values.kafka.saslMechanism "OAUTHBEARER" -}}
{{- $_ := set $settings "KAFKA_SASL_USERNAME" (include "millrace.secret" (dict "secret" $values.kafka.secret "key" "username") | fromYaml) -}}
{{- $_ := set $settings "KAFKA_SASL_PASSWORD" (include "millrace.secret" (dict "secret" $values.kafka.secret "key" "password") | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- if $values.kafka.tls.secretName -}}
{{- $_ := set $settings "KAFKA_SSL_CA_FILE" "/etc/kafka-tls/ca.crt" -}}
{{- if $values.kafka.tls.mutual -}}
{{- $_ := set $settings "KAFKA_SSL_CERT_FILE" "/etc/kafka-tls/tls.crt" -}}
{{- $_ := set $settings "KAFKA_SSL_KEY_FILE" "/etc/kafka-tls/tls.key" -}}
{{- end -}}
{{- end -}}
{{- if .program.port -}}
{{- $_ := set $settings (printf "%s_HOST" $prefix) "0.0.0.0" -}}
{{- $_ := set $settings (printf "%s_PORT" $prefix) .program.port -}}
{{- $_ := set $settings "OPS_TOKEN" (include "millrace.secret" (dict "secret" $values.ops.secret "key" "token") | fromYaml) -}}
{{- if ne .name "console" -}}
{{- $_ := set $settings "OPS_HOST" "0.0.0.0" -}}
{{- $_ := set $settings "OPS_PORT" $facts.opsPort -}}
{{- end -}}
{{- end -}}
{{- if and .role (ne .role "together") }}{{ $_ := set $settings "ROLES" .role }}{{ end -}}
{{- with .program.address }}{{ $_ := set $settings . (printf "http://$(%s_INSTANCE).%s-%s:%v" $prefix $.root.Release.Name $.name $.program.port) }}{{ end -}}
{{- if .program.stateDir }}{{ $_ := set $settings (printf "%s_STATE_DIR" $prefix) "/data" }}{{ end -}}
{{- $server := printf "postgres://$(POSTGRES_USERNAME):$(POSTGRES_PASSWORD)@%s:%v" $values.postgres.host $values.postgres.port -}}
{{- if .program.database }}{{ $_ := set $settings (printf "%s_DATABASE_URL" $prefix) (printf "%s/%s" $server .program.database) }}{{ end -}}
{{- if .program.personalData -}}
{{- $_ := set $settings "KEYS_DATABASE_URL" (printf "postgres://$(KEYS_USERNAME):$(KEYS_PASSWORD)@%s:%v/%s" $values.keys.host $values.keys.port $facts.keysDatabase) -}}
{{- end -}}
{{- if eq .name "migrate" }}{{ $_ := set $settings "POSTGRES_URL" $server }}{{ end -}}
{{- if eq .name "console" -}}
{{- $services := list -}}{{- $operators := list -}}
{{- range $name, $program := $facts.services -}}
{{- $services = append $services (printf "%s=http://%s-%s:%v" $name $.root.Release.Name $name $program.port) -}}
{{- $operators = append $operators (printf "%s=http://%s-%s-ops:%v" $name $.root.Release.Name $name $facts.opsPort) -}}
{{- end -}}
{{- range $name := include "millrace.apps" .root | splitList " " | compact -}}
{{- $operators = append $operators (printf "%s=http://%s-%s-ops:%v" $name $.root.Release.Name $name $facts.opsPort) -}}
{{- end -}}
{{- $_ := set $settings "MILLRACE_SERVICES" (join "," $services) -}}
{{- $_ := set $settings "MILLRACE_OPS" (join "," $operators) -}}
{{- $_ := set $settings "CONSOLE_TOKEN" $settings.OPS_TOKEN -}}
{{- end -}}
{{- $elsewhere := include "millrace.settingsOfSome" .root | splitList " " -}}
{{- range $setting, $value := $values.settings -}}
{{- if or (has $setting ($.program.settings | default list)) (not (has $setting $elsewhere)) }}{{ $_ := set $settings $setting $value }}{{ end -}}
{{- end -}}
{{- $settings = mergeOverwrite $settings ($own.settings | default dict) $values.environment -}}
{{- if and .program.port (ne .name "console") }}
- name: {{ $prefix }}_INSTANCE
  valueFrom:
    fieldRef: { fieldPath: metadata.name }
{{- end }}
{{- if or .program.database (eq .name "migrate") }}
{{- include "millrace.login" (dict "server" "POSTGRES" "secret" $values.postgres.secret) }}
{{- end }}
{{- if .program.personalData }}
{{- include "millrace.login" (dict "server" "KEYS" "secret" $values.keys.secret) }}
{{- end }}
{{- range $setting, $value := $settings }}
- name: {{ $setting }}
  {{- if kindIs "map" $value }}
  valueFrom: {{ toJson $value }}
  {{- else }}
  value: {{ if kindIs "string" $value }}{{ $value | quote }}{{ else }}{{ toJson $value | quote }}{{ end }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "millrace.secret" -}}
secretKeyRef: { name: {{ .secret.name | quote }}, key: {{ get .secret .key | quote }} }
{{- end }}

{{- define "millrace.login" }}
{{- range $key := list "username" "password" }}
- name: {{ $.server }}_{{ upper $key }}
  valueFrom:
    {{- include "millrace.secret" (dict "secret" $.secret "key" $key) | nindent 4 }}
{{- end }}
{{- end }}

{{/* The settings that only some programs have, separated by spaces. */}}
{{- define "millrace.settingsOfSome" -}}
{{- $facts := include "millrace.facts" . | fromYaml -}}
{{- $some := concat $facts.migrate.settings $facts.console.settings -}}
{{- range $name, $program := merge (dict) $facts.services $facts.apps }}{{ $some = concat $some ($program.settings | default list) }}{{ end -}}
{{- join " " ($some | uniq) -}}
{{- end }}
