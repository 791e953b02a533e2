/** Configuration of the scheme's command-line client: it pays from the purse in FARTHING_PURSE. */
import { createPurseMethod } from './method.ts';

const purse = createPurseMethod(process.env.FARTHING_PURSE ?? '');
// The command has no other way to let a method see what became of its credential.
globalThis.fetch = purse.watch(globalThis.fetch);

export const methods = [purse.method];
