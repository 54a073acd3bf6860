# Baton in a container. The API can be reached from outside of it, so ADMIN_TOKEN must be set; see docs/configuration.md.
#   docker build -t baton .
#   docker run -e ADMIN_TOKEN=… -v baton:/data -p 5060:5060/udp -p 127.0.0.1:8080:8080 --stop-timeout 40 baton

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production \
    SIP_LISTEN=udp:0.0.0.0:5060,tcp:0.0.0.0:5060 \
    HTTP_LISTEN=0.0.0.0:8080 \
    METRICS_LISTEN=0.0.0.0:9464 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/bin/baton.mjs ./bin/
COPY --from=build /app/config/projects ./config/projects
COPY --from=build /app/dist ./dist
RUN ln -s /app/bin/baton.mjs /usr/local/bin/baton && chmod +x bin/baton.mjs && install -d -o node -g node /data
USER node
VOLUME /data
EXPOSE 5060/udp 5060/tcp 8080/tcp 9464/tcp

# SIGTERM drains: new calls get 503, those that are up have DRAIN_DEADLINE seconds. Give the container longer than that.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.HTTP_LISTEN.split(':').pop() + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# A call lives longer than the youngest generation that V8 allows for by itself: with room it is not copied while it is up.
CMD ["node", "--max-semi-space-size=64", "bin/baton.mjs", "serve"]
