import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { answerBackground } from '../src/extension/nameless.ts';

export default defineUnlistedScript({ include: ['firefox'], main: () => answerBackground() });
