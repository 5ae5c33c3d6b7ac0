import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as component from "./components.ts";
import { adminName, type Credentials, tokenOf, writeKubeconfig } from "./credentials.ts";
import type { Instance } from "./instance.ts";
import { answersOk } from "./probe.ts";
import { run } from "./run.ts";

export interface ControllerChoice {
  readonly controllers?: boolean;
  readonly scheduler?: boolean;
  readonly kwok?: boolean;
}

/** Starts the chosen controllers side by side against a serving API server, and waits until each does its work. */
export async function startControllers(
  choice: ControllerChoice,
  instance: Instance,
  layout: component.Layout,
  credentials: Credentials,
): Promise<void> {
  await writeKubeconfigs(layout, credentials);
  await Promise.all([
    choice.controllers && startControllerManager(instance, layout, credentials),
    choice.scheduler && startScheduler(instance, layout),
    choice.kwok && startKwok(instance, layout),
  ]);
}

async function writeKubeconfigs(layout: component.Layout, { tokens }: Credentials): Promise<void> {
  const url = component.apiServerUrl(layout);
  for (const [part, { name }] of Object.entries(component.componentUsers)) {
    const file = component.ownKubeconfigFile(layout, part);
    await writeKubeconfig(file, url, component.certificateFile(layout), tokenOf(tokens, name));
  }
}

async function startControllerManager(
  instance: Instance,
  layout: component.Layout,
  { tokens, serviceAccountKeyFile }: Credentials,
): Promise<void> {
  const program = component.controllerManager(layout, serviceAccountKeyFile);
  instance.start(program);
  // Pods are refused until the namespace has its default ServiceAccount.
  const account = `${component.apiServerUrl(layout)}/api/v1/namespaces/default/serviceaccounts/default`;
  const token = tokenOf(tokens, adminName);
  await instance.ready(program.name, () => answersOk(account, component.certificateFile(layout), token));
}

async function startScheduler(instance: Instance, layout: component.Layout): Promise<void> {
  const program = component.scheduler(layout);
  instance.start(program);
  const caFile = component.ownCertificateFile(layout, program.name);
  await instance.ready(program.name, () => answersOk(`https://127.0.0.1:${layout.schedulerPort}/healthz`, caFile));
}

async function startKwok(instance: Instance, layout: component.Layout): Promise<void> {
  // kwok 0.8 has no stages built in: without a file it ends with "no stages found".
  const stagesFile = join(layout.dir, "kwok-stages.yaml");
  await writeFile(stagesFile, await run(join(layout.programs, "kwok-stages"), []));
  const program = component.kwok(layout, stagesFile);
  instance.start(program);
  await instance.ready(program.name, () => answersOk(`http://127.0.0.1:${layout.kwokPort}/healthz`));
}
