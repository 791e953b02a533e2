/** A tab with cookies, for wallets in Node: what the wallet opens is really fetched. */
import type { WalletPorts } from '../../src/wallet/ports.ts';

export interface Tab {
  /** Where it is. */
  address: string;
  /** Whether the wallet's requests go out from it: else cookies stay where they are. */
  isUsable: boolean;
  /** The status of each page that it was sent to. */
  readonly seen: number[];
  /** Goes there as a reader would: by a link, or the button that loads a page again. */
  go(url: string): Promise<number>;
  /** The ports of a wallet in this browser. */
  within(ports: WalletPorts): WalletPorts;
}

/** Opens a tab at `address`. */
export function makeTab(address: string): Tab {
  const cookies = new Map<string, string>();
  const keep = (answer: Response) => {
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
  const Cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const tab: Tab = {
    address,
    isUsable: true,
    seen: [],
    async go(url) {
      tab.address = url;
      const headers = { Accept: 'text/html', Cookie: Cookie() };
      const answer = keep(await fetch(url, { headers }));
      await answer.body?.cancel();
      tab.seen.push(answer.status);
      return answer.status;
    },
    within: (ports) => ({
      ...ports,
      fetch: async (url, init, tabId) => {
        const answer = await ports.fetch(url, init, tabId);
        return tab.isUsable ? keep(answer) : answer;
      },
      addressOf: async () => tab.address,
      open: async (target) => {
        await ports.open(target);
        await tab.go(target.url);
      },
    }),
  };
  return tab;
}
