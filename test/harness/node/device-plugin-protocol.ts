import { fileURLToPath } from "node:url";
import { Client, credentials, type MethodDefinition } from "@grpc/grpc-js";
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";

// defaults: an empty list arrives as [], not as nothing.
const definitions = loadSync(fileURLToPath(new URL("deviceplugin.proto", import.meta.url)), {
  keepCase: true,
  defaults: true,
});

/** Kubelet's side: where plug-ins register. */
export const registration = serviceOf("v1beta1.Registration");
/** A plug-in's side. */
export const devicePlugin = serviceOf("v1beta1.DevicePlugin");

export interface Device {
  readonly ID: string;
  readonly health: "Healthy" | "Unhealthy";
}

/** What a container gets with its devices. */
export interface ContainerDevices {
  readonly envs: Readonly<Record<string, string>>;
  readonly devices: readonly {
    readonly container_path: string;
    readonly host_path: string;
    readonly permissions: string;
  }[];
}

/** Ids of the devices that kubelet has chosen for each container. Throws when the request has another shape. */
export function chosenDevices(request: unknown): readonly (readonly string[])[] {
  const containers = fieldOf(request, "container_requests");
  return listOf(containers).map((container) => listOf(fieldOf(container, "devices_ids")).map(String));
}

/** Calls a method once at a Unix socket. Rejects with the server's error, or after 5 s. */
export async function callOnce(
  socket: string,
  method: MethodDefinition<object, object>,
  request: object,
): Promise<unknown> {
  const client = new Client(`unix://${socket}`, credentials.createInsecure());
  const deadline = { deadline: Date.now() + 5000 };
  const { path, requestSerialize, responseDeserialize } = method;
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, deadline, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
  } finally {
    client.close();
  }
}

/** A service's method. Throws when there is none of this name. */
export function methodOf(service: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const method = service[name];
  if (method === undefined) throw new Error(`deviceplugin.proto has no method ${name}`);
  return method;
}

function serviceOf(name: string): ServiceDefinition {
  const definition = definitions[name];
  if (definition === undefined || "format" in definition) throw new Error(`deviceplugin.proto has no service ${name}`);
  return definition;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value === "object" && value !== null) return Object.entries(value).find(([key]) => key === name)?.[1];
  throw new Error(`expected an object with ${name}, got ${JSON.stringify(value)}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`expected a list, got ${JSON.stringify(value)}`);
}
