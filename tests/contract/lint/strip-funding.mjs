// The lock names versions and hashes, and no address: who may be given money is not ours to pin.
import { readFileSync, writeFileSync } from "node:fs";

const file = "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
}
writeFileSync(file, JSON.stringify(lock, null, 2) + "\n");
