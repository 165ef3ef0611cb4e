/**
 * What the library takes of rxjs, module by module: its index loads 222 files, these load 21. They are the very classes
 * and functions of the index: the export map of rxjs 7 gives every module beside the index, by the same conditions.
 */
export { lastValueFrom } from "rxjs/internal/lastValueFrom";
export { Observable } from "rxjs/internal/Observable";
export { filter } from "rxjs/internal/operators/filter";
export { map } from "rxjs/internal/operators/map";
export type { MonoTypeOperatorFunction, Observer, OperatorFunction, Subscriber, Subscription } from "rxjs";
