import { begin } from '../../src/ui/begin.ts';
import { RecoveryScreen } from '../../src/ui/recovery/recovery.tsx';

begin({ title: 'titleRecovery', screen: <RecoveryScreen /> });
