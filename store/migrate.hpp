#pragma once
#include "store/database.hpp"

namespace linkspan
{

// The schema version that this program works with.
int schema_version();

// The version that a database has; 0 for an empty one.
result<int> schema_version_of(database& on);

// Brings the schema up to date, each migration in a transaction of its own. Only the holder of the profile's
// lock calls it. errc::conflict: the database was written by a newer program.
result<> migrate(database& on);

// errc::conflict unless the database has this program's schema; the message says what to do.
result<> require_schema(database& on);

}  // namespace linkspan
