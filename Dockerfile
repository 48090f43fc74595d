# The Node version is that of the devDependency `node`: what is tested is what is shipped. A test compares them.
FROM node:24.21.0-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# Compiles src to dist. Install scripts are off: the only one that matters would download a second Node.
FROM base AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY scripts/copy-page.ts ./scripts/copy-page.ts
RUN npm run build

# What runs, without what no Node process reads: type declarations, TypeScript sources, source maps, manuals.
FROM base AS production
RUN npm ci --omit=dev --ignore-scripts \
  && find node_modules -type f \( -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.map' \
    -o -iname '*.md' ! -iname '*licen[cs]e*' ! -iname '*notice*' \) -delete

# Node, the libraries that it is linked to, their licences, and the user's name: no shell, no npm, no package manager.
FROM base AS runtime
RUN mkdir -p /runtime/etc \
  && ldd /usr/local/bin/node | grep -o '/[^ ]*' | xargs cp -L --parents -t /runtime /usr/local/bin/node \
  && grep -E '^(root|node):' /etc/passwd > /runtime/etc/passwd \
  && grep -E '^(root|node):' /etc/group > /runtime/etc/group \
  && for licence in /usr/local/LICENSE /usr/share/doc/libc6/copyright /usr/share/doc/gcc-*-base/copyright; do \
    if [ -f "$licence" ]; then cp --parents "$licence" /runtime; fi; \
  done

FROM scratch
ENV NODE_ENV=production PATH=/usr/local/bin
COPY --from=runtime /runtime /
WORKDIR /app
# Owned by root and not writable by the user: the gateway writes no file, and works with a read-only root file system.
COPY --from=production /app/package.json ./
COPY --from=production /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The user `node` of the base image, as a number, so that Kubernetes' runAsNonRoot can tell that it is not root.
USER 1000:1000
EXPOSE 8056
# Whether this process answers, not whether Directus does: a restart would not help Directus, and would cut off every
# stream. /server/health says whether it is ready, for a load balancer or a readiness probe.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + (process.env.PORT || 8056) + '/server/ping').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm in between: SIGTERM reaches the gateway, which lets the requests under way end.
CMD ["node", "dist/main.js"]
