import { expect, it } from 'vitest';
import { signReceipt } from '../../../../src/protocol/receipt.ts';
import { keptUntilSec } from '../../../../src/wallet/payment/dues.ts';
import type { Payment } from '../../../../src/wallet/rows.ts';
import { undoUntilSec } from '../../../../src/wallet/undo/undowindow.ts';
import { makeKey, randomId } from '../../../support/payer.ts';

it('a seller that signs days beyond all calendars is shown with one that has a name', async () => {
  const { key, kid } = await makeKey();
  const amt = 20_000n as Payment['ask']['terms']['amountMicros'];
  const end = Number.MAX_SAFE_INTEGER;
  const claims = {
    ...{ pur: randomId(), seq: 1, tot: amt, bnd: randomId(32), amt },
    ...{ at: 1_900_000_000, until: end, undo: end },
  };
  const receipt = await signReceipt(claims, { kid, key });
  const terms = { amountMicros: amt, durationSec: 60 } as Payment['ask']['terms'];
  const undoSec = undoUntilSec({ state: 'paid', receipt } as Payment) ?? Number.NaN;
  for (const sec of [undoSec, keptUntilSec(claims, terms)])
    expect(new Intl.DateTimeFormat('en').format(sec * 1000)).toMatch(/\d{5}/);
});
