# Made by mlship {{version}}, deploy docker --runtime tfs: what is changed here is lost when it is made again.
# Each folder of this context is what its layer adds to the image's root.
ARG BASE={{base}}
FROM ${BASE}
{{versions}}
COPY config/ /
{{labels}}
USER 65532:65532
EXPOSE 8500 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD {{healthcheck}}
ENTRYPOINT ["/usr/bin/tensorflow_model_server", "--port=8500", "--rest_api_port=8501", "--model_config_file=/config/models.config", "--monitoring_config_file=/config/monitoring.config", "--allow_version_labels_for_unavailable_models=true"]
