/** First run, and coming back, in every state. */
import { LATEST, safetyWith, stateWith, walletWith } from './rows.ts';
import { type Answers, gives, type State, type States } from './state.ts';

const SERVICE = { host: 'pay.example', name: 'Pay Example', sandbox: false, currency: 'USD' };
const NEWS = 'https://thedaily.example/tides';
const NONE = { wallet: undefined, tab: undefined, site: undefined, isEverySite: false };
const OPEN = stateWith(undefined, walletWith({ yours: '250000', sandbox: true }));

function welcome(answers: Answers, acts: State['acts'] = [], fragment = ''): State {
  const before: Answers = { standing: gives('none'), state: gives(NONE) };
  return { path: `/welcome.html${fragment}`, answers: { ...before, ...answers }, acts };
}

const meet = gives({ ...SERVICE, starter: '250000', first: NEWS });
const meetNone = gives({ ...SERVICE, starter: '0', first: undefined });
const RESTORE = '.welcome > .soft:last-child .button-link';

export const WELCOME: States = {
  loading: welcome({ standing: 'never' }),
  'first run': welcome({ meet }),
  'play money': welcome({ meet: gives({ ...meet.value, sandbox: true }) }),
  'without a gift': welcome({ meet: meetNone }),
  'service does not answer': welcome({ meet: { code: 'provider_unreachable' } }),
  'another service': welcome({ meet }, ['.soft .button-link']),
  opening: welcome({ meet, 'open-account': 'never' }, ['.button-main']),
  ready: welcome({ standing: gives('open'), state: gives(OPEN), meet: meetNone }),
  'ready, with a page to begin at': {
    ...welcome({ standing: gives('open'), state: gives(OPEN), meet }),
    until: '.button-main',
  },
  'ready, with a page to go back to': welcome(
    { standing: gives('open'), state: gives(OPEN) },
    [],
    '#back=https%3A%2F%2Fthedaily.example%2Ftides',
  ),
  restoring: welcome({ standing: gives('restoring'), safety: gives(safetyWith()) }),
  'used before': { ...welcome({ meet }, [RESTORE]), until: 'textarea' },
  'used before, elsewhere': welcome({ meet }, [RESTORE, '.restore .soft .button-link']),
  'used before, no such service': welcome({ meet: { code: 'provider_unreachable' } }, [RESTORE]),
  'come back': welcome({
    standing: gives('open'),
    state: gives(stateWith(undefined, walletWith({ latest: LATEST }))),
    meet,
  }),
  'a wrong word': {
    ...welcome({ meet }, [
      RESTORE,
      { into: 'textarea', text: 'tide tide tide' },
      '.restore .buttons:last-child .button:first-child',
    ]),
    until: '.notice',
  },
};
