// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { payment, safetyWith, stateWith, walletWith } from '../../screens/rows.ts';
import { PATIENCE } from '../../support/patience.ts';
import {
  after,
  answers,
  askedFor,
  begin,
  draw,
  named,
  opened,
  press,
  shownText,
} from '../../support/screens.ts';

const { WelcomeScreen } = await import('../../../src/ui/welcome/welcome.tsx');

let root: HTMLElement;

beforeEach(() => {
  location.hash = '';
  root = begin({
    standing: () => 'open',
    state: () => stateWith(undefined),
    meet: () => ({ ok: false, code: 'provider_unreachable', detail: '' }),
  });
});
afterEach(() => void vi.restoreAllMocks());

it.each([
  ['Mozilla/5.0 (X11; Linux) Chrome/156.0.0.0 Safari/537.36', 'Press the pin beside Farthing.'],
  [
    'Mozilla/5.0 (X11; Linux; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Press the gear beside Farthing, and pin it to the toolbar.',
  ],
])('says step by step how it is pinned in %s', async (userAgent, last) => {
  vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(userAgent);
  await draw(root, <WelcomeScreen />);
  const steps = [...root.querySelectorAll('ol li')].map((step) => shownText(step));
  expect(steps).toEqual(['Press the puzzle piece in the toolbar.', last]);
});

it('leads back to the page that it was opened over', async () => {
  location.hash = '#back=https%3A%2F%2Fthedaily.example%2Ftides%3Fpage%3D2';
  await draw(root, <WelcomeScreen />);
  const back = named(root, 'Back to the page') as HTMLAnchorElement;
  expect(back.href).toBe('https://thedaily.example/tides?page=2');
});

const SERVICE = { name: 'Pay Example', sandbox: false, currency: 'USD', starter: '0' };

/** Twelve words that are a code. */
const WORDS = `${'abandon '.repeat(11)}about`;

/** Someone without a wallet who has used it before, where the screen asks for the words. */
async function comeBack(): Promise<void> {
  answers.standing = () => 'none';
  answers.state = () => ({ ...stateWith(undefined), wallet: undefined });
  answers.meet = ({ provider }) => ({ ...SERVICE, host: provider, first: undefined });
  answers.safety = () => safetyWith({ devices: [] });
  await draw(root, <WelcomeScreen />);
  await press(root, 'I have used Farthing before');
  await vi.waitFor(() => expect(root.querySelector('textarea')).not.toBeNull(), PATIENCE);
}

async function fill(selector: string, text: string): Promise<void> {
  const field = root.querySelector<HTMLInputElement>(selector);
  if (!field) throw new Error(`no ${selector}`);
  await after(() => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

it('a wallet comes back from another service than the usual one', async () => {
  await comeBack();
  answers.restore = () => undefined;
  await press(root, 'Use another wallet service');
  await fill('.restore input', 'pay.example');
  await fill('textarea', WORDS);
  await press(root, 'Bring my wallet back');
  await vi.waitFor(
    () => expect(askedFor('restore')).toMatchObject([{ provider: 'pay.example' }]),
    PATIENCE,
  );
});

it('a service that does not answer, or is no address, is said under its name', async () => {
  await comeBack();
  answers.meet = () => ({ ok: false, code: 'payto_malformed', detail: '' });
  await press(root, 'Use another wallet service');
  await fill('.restore input', 'pay example');
  expect(root.querySelector('[role=alert]')?.textContent).toBe(
    'pay example: Your wallet service does not answer.',
  );
});

it('whoever has come back is led to what was bought, and not to a first article', async () => {
  answers.state = () => stateWith(undefined, walletWith({ latest: [payment()] }));
  answers.meet = () => ({ ...SERVICE, host: 'pay.example', first: 'https://thedaily.example/' });
  await draw(root, <WelcomeScreen />);
  expect(root.textContent).not.toContain('Read a first article');
  await press(root, 'All history');
  expect(opened).toEqual(['/page.html']);
});
