# Made by mlship {{version}}, deploy docker: what is changed here is lost when it is made again.
# Each folder of this context is what its layer adds to the image's root.
ARG BASE={{base}}

# a base that cannot run the server fails here
FROM ${BASE} AS server
{{server}}
{{check}}

FROM ${BASE}
{{server}}
{{checked}}
{{versions}}
COPY config/ /
{{labels}}
ENV NODE_ENV=production \
    MLSHIP_HOST=0.0.0.0 \
    MLSHIP_IN_IMAGE=1 \
    MLSHIP_MODELS=/models \
    MLSHIP_VERSIONS=all \
    MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /config
USER 65532:65532
EXPOSE 8500 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node", "/app/healthcheck.mjs"]
ENTRYPOINT ["node", "/app/mlship/bin/mlship.js", "serve"]
