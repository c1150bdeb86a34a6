# One image for every program of KVM-cloud: `docker run IMAGE manager | controller | cli ...` (local/run).
# compose.yaml puts a whole cloud together from it.

FROM debian:trixie-slim AS programs
RUN apt-get update \
 && apt-get install -y --no-install-recommends openjdk-25-jdk-headless maven \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pom.xml ./
COPY .mvn .mvn
COPY messages messages
COPY manager manager
COPY controller controller
COPY cli cli
# Only named here: Maven wants to see every module, and the bench is no part of the image.
COPY bench/pom.xml bench/pom.xml
# Maven's repository outlives the layer: a changed source file fetches nothing again.
RUN --mount=type=cache,id=kvm-cloud-maven,target=/root/.m2 \
    mvn -B -q -ntp -Dquick -DskipTests package -pl cli -am
COPY kvm-cloud ./
COPY local local
COPY dev/package dev/package
RUN dev/package --tree /opt/kvm-cloud

FROM debian:trixie-slim AS micro
COPY templates/lib /src/templates/lib
COPY templates/agent /src/templates/agent
COPY templates/micro /src/templates/micro
RUN apt-get update \
 && apt-get install -y --no-install-recommends $(/src/templates/micro/build --packages) \
 && /src/templates/micro/build /templates/micro \
 && rm -rf /var/lib/apt/lists/*

# What a host needs beside KVM-cloud; dev/package-test starts from here too.
FROM debian:trixie-slim AS host
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini qemu-system-x86 qemu-utils openssh-client \
 && rm -rf /var/lib/apt/lists/*

FROM host
RUN useradd --create-home --uid 1000 kvm-cloud \
 && install -d -o kvm-cloud -g kvm-cloud /var/lib/kvm-cloud /home/kvm-cloud/.local/state/kvm-cloud
COPY --from=programs /opt/kvm-cloud /opt/kvm-cloud
COPY --from=micro /templates /opt/kvm-cloud/templates
COPY --chmod=755 compose /opt/kvm-cloud/compose
USER kvm-cloud
WORKDIR /home/kvm-cloud
ENTRYPOINT ["tini", "--", "/opt/kvm-cloud/local/run"]
CMD ["cli", "--help"]
