/** What visits ask for that pay nothing: each is answered by its own file (SPEC 4.6). */
import type { Challenge } from '../../protocol/challenge.ts';
import type { Wish } from '../../protocol/wish.ts';
import type { Refusal, Sale } from '../charges/sale.ts';
import { sync } from '../charges/sync.ts';
import type { SellerContext } from '../context.ts';
import { setReadable } from '../visits/cors.ts';
import type { Visit } from '../visits/visit.ts';
import { close } from './close.ts';
import { show } from './show.ts';
import { undo } from './undo.ts';

export { readWish } from '../../protocol/wish.ts';

/** What a wallet is told that asked for nothing to be opened. */
export interface Told {
  readonly kind: 'told';
  readonly answer: Response;
}

/** @param body a note, a statement, how a purse stands */
function told(body: object, cookie?: string): Told {
  const headers = new Headers({ 'Cache-Control': 'no-store', Vary: 'Authorization, Cookie' });
  if (cookie !== undefined) headers.set('Set-Cookie', cookie);
  setReadable(headers);
  return { kind: 'told', answer: Response.json(body, { headers }) };
}

/** Does what a wallet asks for. @throws FarthingError the codes of SPEC 5.12, 6.11, 7.3, 7.4 */
export async function grant(
  seller: SellerContext,
  visit: Visit,
  { challenge, payload }: { readonly challenge: Challenge; readonly payload: Wish },
): Promise<Sale | Refusal | Told> {
  switch (payload.action) {
    case 'show':
      return show(seller, visit, { challenge, payload });
    case 'undo': {
      const undone = await undo(seller, visit, { challenge, payload });
      return undone.kind === 'refusal' ? undone : told(undone.body, undone.cookie);
    }
    case 'close': {
      const closed = await close(seller, visit, { challenge, payload });
      return closed.kind === 'refusal' ? closed : told(closed.body);
    }
    case 'sync':
      return told(await sync(seller, visit, { challenge, payload }));
  }
}
