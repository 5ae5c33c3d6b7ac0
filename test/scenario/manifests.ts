/** A manifest of one service that takes all that is leased. */
export function web(image = "registry.example/app:1"): string {
  return `
version: 1
services:
  - name: web
    image: ${image}
    ports: [{ name: http, port: 8080 }]
`;
}

/** A manifest of two services that share what is leased: 4 GPUs each. */
export function two(image: string): string {
  const service = (name: string): string => `
  - name: ${name}
    image: ${image}
    resources: { cpu: 4, memory: 8Gi, ephemeralStorage: 10Gi, accelerators: 4 }
    ports: [{ name: http, port: 8080 }]`;
  return `
version: 1
services:${service("web")}${service("extra")}
`;
}

/** The service with a volume that outlives its pods. */
export function withVolume(storage: string): string {
  return `${web()}    volumes: [{ name: data, mount: /data, size: 10Gi, storage: ${storage} }]\n`;
}

/** The service with something that only its own Secret may hold. */
export function withSecret(value: string): string {
  return `${web()}    secretEnv: { PASSWORD: ${value} }\n`;
}
