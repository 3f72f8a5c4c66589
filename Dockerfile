# Compiles the sources; nothing of this stage but dist gets into the image.
FROM node:20-slim AS build
WORKDIR /carillon
COPY package.json package-lock.json .npmrc tsconfig.base.json ./
COPY environment environment
COPY bus bus
COPY client client
COPY server server
COPY cli cli
RUN npm ci --ignore-scripts && node_modules/.bin/tsc -b cli

FROM node:20-slim
# For repositories over ssh, and those that isomorphic-git cannot read.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git openssh-client && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /carillon

COPY package.json package-lock.json .npmrc ./
COPY environment/package.json environment/
COPY bus/package.json bus/
COPY client/package.json client/
COPY server/package.json server/
COPY cli/package.json cli/
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY --from=build /carillon/environment/dist environment/dist
COPY --from=build /carillon/bus/dist bus/dist
COPY --from=build /carillon/client/dist client/dist
COPY --from=build /carillon/server/dist server/dist
COPY --from=build /carillon/cli/dist cli/dist
COPY cli/bin cli/bin
COPY LICENSE ./

# Clones live here. They may be lost: a volume only saves cloning again.
RUN mkdir /data && chown node:node /data
VOLUME /data
ENV CARILLON_DATA_FOLDER=/data

# A port of a container is published on purpose, so all addresses are bound; without credentials the server warns about it.
ENV SERVER_ADDRESS=0.0.0.0
EXPOSE 8888
USER node

# Any answer below 500 is a sign of life, 401 included. With server.ssl.* give docker run a --health-cmd of your own.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SERVER_PORT ?? 8888}/actuator/health/liveness`).then((answer) => process.exit(answer.status < 500 ? 0 : 1), () => process.exit(1))"]

ENTRYPOINT ["node", "cli/bin/carillon.js"]
CMD ["serve"]
