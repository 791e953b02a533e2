/** Writes the vectors: `npm run vectors`. Twice gives the same files; a test compares them. */
import { writeFileSync } from 'node:fs';
import { challengeFiles } from './cases/challenge.ts';
import { documentFiles } from './cases/documents.ts';
import { joseFiles } from './cases/jose.ts';
import { markupFiles } from './cases/markup.ts';
import { moneyFiles } from './cases/money.ts';
import { offerFiles } from './cases/offer.ts';
import { paymentFiles } from './cases/payment.ts';
import { receiptFiles } from './cases/receipt.ts';
import { recoveryFiles } from './cases/recovery.ts';
import { undoFiles } from './cases/undo.ts';
import { KEYS, SECRETS, type VectorFile } from './material.ts';

const FILES: Record<string, VectorFile> = {
  ...moneyFiles,
  ...markupFiles,
  ...offerFiles,
  ...challengeFiles,
  ...paymentFiles,
  ...receiptFiles,
  ...undoFiles,
  ...documentFiles,
  ...recoveryFiles,
  ...joseFiles,
};

/** File name → text, of every vector file and of the keys they are signed with. */
export function vectorTexts(): Map<string, string> {
  const files = Object.entries({ keys: { keys: KEYS, secrets: SECRETS }, ...FILES });
  return new Map(
    files.map(([name, content]) => [`${name}.json`, `${JSON.stringify(content, null, 2)}\n`]),
  );
}

if (import.meta.main) {
  for (const [name, text] of vectorTexts()) writeFileSync(new URL(name, import.meta.url), text);
}
