/**
 * Unsubscribes from what a plugin or a middleware made. What its teardown throws must not keep the end of the answer from its
 * reader: as rxjs does it with errors that nobody can take, it is thrown on its own.
 */
export function leaveSource(subscription: { unsubscribe(): void } | undefined): void {
  try {
    subscription?.unsubscribe();
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}
