# One image for every process of a cluster; docker-compose.yml says which of them a container runs.

FROM node:26-bookworm-slim AS dependencies
WORKDIR /opt/kubeproc
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

FROM node:26-bookworm-slim
# iproute2 and iptables make the networks of pods; the rest of what a kubelet needs is in util-linux.
RUN apt-get update \
  && apt-get install -y --no-install-recommends iproute2 iptables \
  && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
WORKDIR /opt/kubeproc
COPY --from=dependencies /opt/kubeproc/node_modules node_modules
COPY package.json ./
COPY shared shared
COPY apiserver apiserver
COPY controller-manager controller-manager
COPY scheduler scheduler
COPY kubelet kubelet
COPY cluster cluster
COPY examples examples
RUN ln -s /opt/kubeproc/cluster/kubeproc.js /usr/local/bin/kubeproc \
  # The chapter's images, for every node; `kubeproc image build --data-dir /var/lib/kubelet` in a node's container adds to them.
  && for name in luksa/kubia luksa/kubia-unhealthy luksa/batch-job luksa/ssd-monitor busybox; do \
       kubeproc image build --data-dir /var/lib/kubelet -t "$name" "examples/images/${name#luksa/}" || exit 1; \
     done \
  # What the control plane runs as: a volume that is mounted for the first time takes the owner of its directory.
  && useradd --system --uid 10001 kubeproc \
  && install -d -m 0700 -o kubeproc -g kubeproc /var/lib/kubeproc/apiserver \
       /etc/kubeproc/apiserver /etc/kubeproc/controller-manager /etc/kubeproc/scheduler \
  && install -d -m 0700 /etc/kubeproc/authority /etc/kubeproc/node \
  && install -d -o kubeproc -g kubeproc /var/cache/kubeproc
# The sources as Node.js has compiled them, by user: a container that starts finds them ready.
ENV NODE_COMPILE_CACHE=/var/cache/kubeproc
RUN kubeproc credentials --dir=/tmp/credentials && rm -r /tmp/credentials \
  && for process in kubelet kubelet/runtime/supervisor; do node $process/main.ts --help || exit 1; done
USER kubeproc
RUN for process in apiserver controller-manager scheduler; do node $process/main.ts --help || exit 1; done
ENTRYPOINT ["kubeproc"]
