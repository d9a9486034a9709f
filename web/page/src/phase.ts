/** Works out where the visitor is from what the model knows. */

import type { Model, Phase } from './model.ts';

/** Whether mining can begin. */
export function canStart(model: Model): boolean {
  return !model.running && model.coldkey !== undefined && model.standing?.status === 'open' && !model.chain?.refusal;
}

export function phaseOf(model: Model): Phase {
  if (model.result) return 'registered';
  if (model.running) {
    if (model.submission) return model.submission;
    if (model.asked) return 'signing';
    return model.offer ? 'proof' : 'mining';
  }
  if (model.failure) return model.failure.kind;
  if (model.chain?.refusal) return 'refused';
  if (model.wallet.name === undefined) return 'connect';
  if (model.elsewhere) return 'elsewhere';
  if (model.standing?.status === 'denied') return 'refused';
  return canStart(model) ? 'ready' : 'choose';
}
