import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials, Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../wait.ts";
import { callOnce, devicePlugin, methodOf, registration } from "./device-plugin-protocol.ts";
import { type GpuPlugin, startGpuPlugin } from "./gpu-plugin.ts";

let dir: string;
let kubelet: Server;
let plugin: GpuPlugin;
const registered: unknown[] = [];

/** Kubelet's side of the API, over a real socket. */
beforeEach(async () => {
  registered.length = 0;
  dir = await mkdtemp(join(tmpdir(), "berthage-gpu-"));
  kubelet = new Server();
  kubelet.addService(registration, {
    Register: ({ request }: { request: unknown }, answer: sendUnaryData<object>) => {
      registered.push(request);
      answer(null, {});
    },
  });
  await new Promise((resolve) =>
    kubelet.bindAsync(`unix://${join(dir, "kubelet.sock")}`, ServerCredentials.createInsecure(), resolve),
  );
  plugin = await startGpuPlugin({ socketFolder: dir, resource: "nvidia.com/gpu", files: ["/x/nvidia0", "/x/nvidia1"] });
});
afterEach(async () => {
  await plugin.stop();
  kubelet.forceShutdown();
  await rm(dir, { recursive: true });
});

const socket = (): string => join(dir, "nvidia-com-gpu.sock");

describe("the GPU plug-in", () => {
  it("registers the resource under a socket beside kubelet's", async () => {
    expect(registered).toMatchObject([
      { version: "v1beta1", endpoint: "nvidia-com-gpu.sock", resource_name: "nvidia.com/gpu" },
    ]);
    expect(await readdir(dir)).toContain("nvidia-com-gpu.sock");
  });

  it("hands a container its own devices and no other", async () => {
    const request = { container_requests: [{ devices_ids: [plugin.ids[1]] }, { devices_ids: [] }] };
    expect(await callOnce(socket(), methodOf(devicePlugin, "Allocate"), request)).toMatchObject({
      container_responses: [
        {
          envs: { NVIDIA_VISIBLE_DEVICES: plugin.ids[1] },
          devices: [{ container_path: "/dev/nvidia1", host_path: "/x/nvidia1", permissions: "rw" }],
        },
        { envs: { NVIDIA_VISIBLE_DEVICES: "" }, devices: [] },
      ],
    });
  });

  it("tells who listens of a device that breaks, and of its recovery", async () => {
    const client = new Client(`unix://${socket()}`, credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = methodOf(devicePlugin, "ListAndWatch");
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
    const seen: unknown[] = [];
    stream.on("data", (message: unknown) => seen.push(message)).on("error", () => undefined);
    const [first = "", second = ""] = plugin.ids;
    const list = (...health: string[]): object => ({
      devices: [first, second].map((ID, i) => ({ ID, health: health[i] })),
    });
    await eventually("the first list", () => seen[0] ?? undefined);
    plugin.setHealth(second, "Unhealthy");
    plugin.setHealth(second, "Healthy");
    await eventually("the third list", () => seen[2] ?? undefined);
    expect(seen).toEqual([list("Healthy", "Healthy"), list("Healthy", "Unhealthy"), list("Healthy", "Healthy")]);
    client.close();
  });

  it("leaves no socket behind", async () => {
    await plugin.stop();
    expect(await readdir(dir)).toEqual(["kubelet.sock"]);
  });
});
