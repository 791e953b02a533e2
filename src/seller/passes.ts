/** Passes: once bought, an item opens by its cookie, with no look at any state (SPEC 7.2). */
import { openPass, passCookie, passName, sealPass } from '../protocol/pass.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { SellerContext } from './context.ts';
import type { Visit } from './visit.ts';

/** A name stands once for each path that it was set on; more is somebody's doing. */
const COOKIES_OF_A_NAME_MAX = 4;

function cookiesNamed(header: string, name: string): string[] {
  return header
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .slice(0, COOKIES_OF_A_NAME_MAX)
    .map((cookie) => cookie.slice(name.length + 1));
}

/** Whether the visit carries a pass that opens it. */
export async function hasPass(seller: SellerContext, visit: Visit): Promise<boolean> {
  const header = visit.request.headers.get('Cookie');
  if (!header?.includes('__Secure-fee-')) return false;
  const { origin } = visit.url;
  const key = (await seller.keys()).pass;
  for (const token of cookiesNamed(header, await passName(origin, visit.item))) {
    const pass = await openPass(token, key);
    const isFor = pass?.origin === origin && pass.item === visit.item;
    if (isFor && pass.exp * 1000 > seller.now()) return true;
  }
  return false;
}

/** The `Set-Cookie` of a sale; undefined for what is used up at once. */
export async function passFor(
  seller: SellerContext,
  visit: Visit,
  { pur, seq, until }: Receipt,
): Promise<string | undefined> {
  const ageSec = until - Math.floor(seller.now() / 1000);
  if (ageSec <= 0) return undefined;
  const { origin } = visit.url;
  const { item } = visit;
  const pass = { origin, item, exp: until, pur, seq };
  const [name, token, path] = await Promise.all([
    passName(origin, item),
    sealPass(pass, (await seller.keys()).pass),
    visit.path(),
  ]);
  return passCookie({ name, token, path, ageSec });
}
