# The gateway without plugins: mount banyan.yaml and the plugins at /etc/banyan (docs/operations.md, "Container").

FROM node:24-slim AS build
WORKDIR /opt/banyan
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY adapters adapters
COPY bench bench
RUN node_modules/.bin/tsc -p tsconfig.build.json \
  && node scripts/build-kernel.mjs \
  && rm -r dist/bench \
  && npm prune --omit=dev --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /opt/banyan
COPY --from=build /opt/banyan/package.json ./
COPY --from=build /opt/banyan/node_modules node_modules
COPY --from=build /opt/banyan/dist dist
COPY bin bin
RUN ln -s /opt/banyan/bin/banyan.js /usr/local/bin/banyan \
  && install -d -o node -g node -m 700 /var/lib/banyan \
  && install -d /etc/banyan
USER 1000:1000
VOLUME /var/lib/banyan
EXPOSE 8080
STOPSIGNAL SIGTERM
# The admin listener is on the container's own loopback, where this runs.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(new URL('/healthz', process.env.BANYAN_ADMIN ?? 'http://127.0.0.1:8081')).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["banyan"]
CMD ["serve", "--config", "/etc/banyan/banyan.yaml"]
