/** First run, and coming back, in every state. */
import { safetyWith, stateWith, walletWith } from './rows.ts';
import { type Answers, gives, type State, type States } from './state.ts';

const SERVICE = { host: 'pay.example', name: 'Pay Example', sandbox: false, currency: 'USD' };
const NONE = { wallet: undefined, tab: undefined, site: undefined, isEverySite: false };
const OPEN = stateWith(undefined, walletWith({ yours: '250000', sandbox: true }));

function welcome(answers: Answers, acts: State['acts'] = [], fragment = ''): State {
  const before: Answers = { standing: gives('none'), state: gives(NONE) };
  return { path: `/welcome.html${fragment}`, answers: { ...before, ...answers }, acts };
}

const meet = gives({ ...SERVICE, starter: '250000' });
const RESTORE = '.welcome > .soft:last-child .button-link';

export const WELCOME: States = {
  loading: welcome({ standing: 'never' }),
  'first run': welcome({ meet }),
  'play money': welcome({ meet: gives({ ...SERVICE, sandbox: true, starter: '250000' }) }),
  'without a gift': welcome({ meet: gives({ ...SERVICE, starter: '0' }) }),
  'service does not answer': welcome({ meet: { code: 'provider_unreachable' } }),
  'another service': welcome({ meet }, ['.soft .button-link']),
  opening: welcome({ meet, 'open-account': 'never' }, ['.button-main']),
  ready: welcome({ standing: gives('open'), state: gives(OPEN) }),
  'ready, with a page to go back to': welcome(
    { standing: gives('open'), state: gives(OPEN) },
    [],
    '#back=https%3A%2F%2Fthedaily.example%2Ftides',
  ),
  restoring: welcome({ standing: gives('restoring'), safety: gives(safetyWith()) }),
  'used before': { ...welcome({ meet }, [RESTORE]), until: 'textarea' },
  'a wrong word': {
    ...welcome({ meet }, [
      RESTORE,
      { into: 'textarea', text: 'tide tide tide' },
      '.restore .buttons:last-child .button:first-child',
    ]),
    until: '.notice',
  },
};
