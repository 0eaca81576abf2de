FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && rm -rf dist/tools dist/test dist/.stamp.json dist/tsconfig.tsbuildinfo

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm sbom --omit=dev --sbom-format=cyclonedx > sbom.json

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 SHIPLOG_DATA_DIR=/var/lib/shiplog
RUN install -d -o node -g node /var/lib/shiplog
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/sbom.json ./
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
RUN chmod +x dist/apps/cli/src/main.js && ln -s /app/dist/apps/cli/src/main.js /usr/local/bin/shiplog
USER node
EXPOSE 3000
CMD ["node", "--max-semi-space-size=32", "--enable-source-maps", "dist/service/main.js"]
