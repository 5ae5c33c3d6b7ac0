import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Server, ServerCredentials, type ServerWritableStream, type sendUnaryData } from "@grpc/grpc-js";
import {
  type ContainerDevices,
  callOnce,
  chosenDevices,
  type Device,
  devicePlugin,
  methodOf,
  registration,
} from "./device-plugin-protocol.ts";

export interface GpuPluginOptions {
  /** Kubelet's: has its `kubelet.sock`, and gets the plug-in's own. */
  readonly socketFolder: string;
  /** Such as nvidia.com/gpu. */
  readonly resource: string;
  /** A device file a GPU; a container finds it as /dev/nvidia0, /dev/nvidia1 … */
  readonly files: readonly string[];
}

/** GPUs that are not there: kubelet hands them out like NVIDIA's, and opening one fails. */
export interface GpuPlugin {
  readonly ids: readonly string[];
  /** Tells kubelet that a device broke, or works again. */
  setHealth(id: string, health: Device["health"]): void;
  stop(): Promise<void>;
}

/** Serves the device plugin API (v1beta1) as NVIDIA's plug-in does, and registers with a running kubelet. */
export async function startGpuPlugin(options: GpuPluginOptions): Promise<GpuPlugin> {
  const gpus = options.files.map((file, index) => ({ file, index, id: idOf(index) }));
  const health = new Map(gpus.map(({ id }) => [id, "Healthy" as Device["health"]]));
  const watchers = new Set<ServerWritableStream<unknown, object>>();
  const devices = (): object => ({ devices: [...health].map(([ID, state]) => ({ ID, health: state })) });
  const server = new Server();
  server.addService(devicePlugin, {
    GetDevicePluginOptions: (_: unknown, answer: sendUnaryData<object>) => answer(null, {}),
    ListAndWatch: (stream: ServerWritableStream<unknown, object>) => {
      watchers.add(stream);
      stream.once("cancelled", () => watchers.delete(stream));
      stream.write(devices());
    },
    Allocate: ({ request }: { request: unknown }, answer: sendUnaryData<object>) =>
      answer(null, { container_responses: chosenDevices(request).map((ids) => handOut(gpus, ids)) }),
  });
  const endpoint = `${options.resource.replaceAll(/[^a-z]/g, "-")}.sock`;
  await listen(server, join(options.socketFolder, endpoint));
  await callOnce(join(options.socketFolder, "kubelet.sock"), methodOf(registration, "Register"), {
    version: "v1beta1",
    endpoint,
    resource_name: options.resource,
  });
  return {
    ids: gpus.map(({ id }) => id),
    setHealth(id, state) {
      health.set(id, state);
      for (const stream of watchers) stream.write(devices());
    },
    async stop() {
      server.forceShutdown();
      await rm(join(options.socketFolder, endpoint), { force: true });
    },
  };
}

interface Gpu {
  readonly id: string;
  readonly index: number;
  readonly file: string;
}

/** In the form of NVIDIA's UUIDs. */
function idOf(index: number): string {
  return `GPU-00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

function handOut(gpus: readonly Gpu[], ids: readonly string[]): ContainerDevices {
  const chosen = gpus.filter(({ id }) => ids.includes(id));
  return {
    envs: { NVIDIA_VISIBLE_DEVICES: chosen.map(({ id }) => id).join(",") },
    devices: chosen.map(({ index, file }) => ({
      container_path: `/dev/nvidia${index}`,
      host_path: file,
      permissions: "rw",
    })),
  };
}

async function listen(server: Server, socket: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
}
