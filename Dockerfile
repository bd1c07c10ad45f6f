# The mock cloud in a small image. A container's ports are reached from outside of it, so that its
# control API needs a token:
#
#   docker build -t holdline .
#   docker run -p 8080:8080 holdline --control-token secret
FROM rust:1.91-slim-bookworm AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p holdline --bin holdline

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --create-home holdline
COPY --from=build /src/target/release/holdline /usr/local/bin/holdline
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=1s CMD ["holdline", "mock", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["holdline", "mock", "--host", "0.0.0.0"]
