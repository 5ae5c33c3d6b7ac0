import { type TextRule, text } from "./values.ts";

/** RFC 1035: a Service's name must be one, and a Service bears the name of its program. */
export const dnsLabel = (maxLength: number) =>
  text({
    rule: `DNS label of at most ${maxLength} characters: a letter, then lower-case letters, digits and dashes`,
    pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    maxLength,
    example: "web",
  });

/** RFC 6335 §5.1 in Kubernetes' lower-case reading. */
export const portName = text({
  rule: "name of at most 15 lower-case letters, digits and single dashes, with a letter in it",
  pattern: /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 15,
  example: "http",
});

/** distribution/reference's grammar: [host[:port]/]path[:tag][@digest]. */
export const image = text({
  rule: "container image of at most 512 characters; a digest is recommended",
  pattern:
    /^(?:[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?(?::[0-9]{1,5})?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
  maxLength: 512,
  example: "registry.example/app:1.2",
});

export const argument = text({
  rule: "text of at most 4096 characters",
  minLength: 0,
  maxLength: 4096,
  example: '"--port=8080"',
});

export const envValue = text({
  rule: "text of at most 8192 characters",
  minLength: 0,
  maxLength: 8192,
  example: '"8080"',
});

/** Names that reach past the container: they ask the device runtime for more devices, or change what a loader loads. */
const deniedEnv = /^(NVIDIA_|AMD_VISIBLE_|HABANA_VISIBLE_|ZE_AFFINITY_|LD_|KUBERNETES_|JOB_COMPLETION_INDEX$)/;

export const envName: TextRule = {
  rule: "name of at most 128 letters, digits and underscores",
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  maxLength: 128,
  example: "LOG_LEVEL",
  deny: (name) =>
    deniedEnv.test(name)
      ? {
          message: "is set by the provider only",
          hint: "remove it; NVIDIA_*, LD_* and KUBERNETES_* belong to the node",
        }
      : undefined,
};

const absolutePath = /^\/[^:\s]*$/;

export const httpPath = text({
  rule: "path that starts with /",
  pattern: /^\/[!-~]*$/,
  maxLength: 512,
  example: "/healthz",
});

export const containerPath = text({
  rule: "absolute path of at most 255 characters, without `..`, `//` or `:`",
  pattern: absolutePath,
  maxLength: 255,
  example: "/data",
  deny: (path) => {
    if (/(^|\/)\.\.?(\/|$)|\/\/|.\/$/.test(path))
      return {
        message: "is not in its shortest form",
        hint: "write it without `.`, `..`, `//` and a slash at the end",
      };
    if (
      path !== "/dev/shm" &&
      /^\/($|proc($|\/)|sys($|\/)|dev($|\/)|var\/run\/secrets($|\/)|run\/secrets($|\/))/.test(path)
    )
      return { message: "belongs to the system", hint: "mount elsewhere, such as /data; /dev/shm is allowed" };
    return undefined;
  },
});
