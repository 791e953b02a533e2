/** The end of what was of an account, where another one comes or there is none any more. */
import type { Tables } from '../ports.ts';
import { isSettled } from '../purses/purses.ts';
import type { Keep, Purse } from '../rows.ts';

/** Of one account; the rest is of the history. */
const OF_ACCOUNT: readonly Keep['key'][] = [
  ...(['leaving', 'copy', 'outbox', 'erasing', 'setting', 'safety', 'restoring'] as const),
];

function settled(purse: Purse): Purse {
  if (isSettled(purse)) return purse;
  return { ...purse, state: 'closed', closing: undefined, raiseId: undefined };
}

/**
 * The next one, named `id` where it has a name, pays by none of its purses, and none of its wishes
 * is asked of that. Where it is the same one, this device had been removed from it.
 */
export async function endFormer(
  { account, asks, keeps, marks, purses }: Tables,
  id?: string,
): Promise<void> {
  await keeps.removeAll(OF_ACCOUNT);
  if ((await account.get('account'))?.id === id) return;
  await purses.putAll((await purses.all()).map(settled));
  for (const table of [account, asks, marks]) await table.clear();
}
