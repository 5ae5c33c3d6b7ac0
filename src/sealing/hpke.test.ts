import { describe, expect, it } from "vitest";
import { hpkeOpen, hpkeSeal } from "./hpke.ts";
import { manifestPublicKey } from "./key.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

/** test-vectors.json of RFC 9180's working group: mode 0, kem 0x0020, kdf 0x0001, aead 0x0002, encryption 0. */
const vector = {
  info: bytes("4f6465206f6e2061204772656369616e2055726e"),
  privateKey: "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
  publicKey: "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
  enc: bytes("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"),
  aad: bytes("436f756e742d30"),
  plain: "4265617574792069732074727574682c20747275746820626561757479",
  ciphertext: bytes("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"),
};

describe("HPKE", () => {
  it("opens RFC 9180's vector for this suite", async () => {
    const { privateKey, info, aad, enc, ciphertext } = vector;
    const plain = await hpkeOpen(bytes(privateKey), info, aad, { enc, ciphertext });
    expect(Buffer.from(plain).toString("hex")).toBe(vector.plain);
  });

  it("seals to the vector's key what its private half opens", async () => {
    const { privateKey, publicKey, info, aad, plain } = vector;
    const sealed = await hpkeSeal(bytes(publicKey), info, aad, bytes(plain));
    expect(sealed.ciphertext).toHaveLength(vector.ciphertext.length);
    expect(Buffer.from(await hpkeOpen(bytes(privateKey), info, aad, sealed)).toString("hex")).toBe(plain);
  });

  it("derives the vector's public key", () => {
    expect(manifestPublicKey(vector.privateKey)).toBe(`0x${vector.publicKey}`);
  });
});
