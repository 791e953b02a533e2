import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { showNote } from '../src/extension/note.ts';

export default defineUnlistedScript(() => void showNote());
