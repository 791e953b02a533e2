import { begin } from '../../src/ui/begin.ts';
import { PopupScreen } from '../../src/ui/popup/popup.tsx';

begin({ screen: <PopupScreen /> });
