import { type Connection, isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { searchAttributes } from './rules/search-attributes.ts';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

const grpcPermissionDenied = 7;
const grpcUnimplemented = 12;
/** A server whose namespaces are managed elsewhere, as Temporal Cloud's are. */
const managedElsewhere: readonly number[] = [grpcPermissionDenied, grpcUnimplemented];

/**
 * Registers the search attributes that are missing. One that exists with another type is an error: the server ignores
 * a second registration silently, and every start that carries the attribute would fail. False when this server lets nobody
 * do it from here: they must be there already.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await registerMissing(connection, namespace);
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && managedElsewhere.includes(error.code)) return false;
    throw error;
  }
}

async function registerMissing(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, typeof INDEXED_VALUE_TYPE_KEYWORD> = {};
  for (const { name } of searchAttributes) {
    const type = customAttributes?.[name];
    if (type === undefined || type === null) missing[name] = INDEXED_VALUE_TYPE_KEYWORD;
    else if (type !== INDEXED_VALUE_TYPE_KEYWORD) {
      throw new Error(
        `search attribute ${name} exists with another type: remove it, or use another namespace`,
      );
    }
  }
  if (Object.keys(missing).length === 0) return;
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
}
