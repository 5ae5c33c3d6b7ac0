/** Whether an answer is not what the ABI describes (ethers' code): the contract is another one than it was taken for. */
export function isBadData(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "BAD_DATA";
}
