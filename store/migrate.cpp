#include "store/migrate.hpp"

#include "store/migrations.hpp"
#include "store/statement.hpp"

#include <SQLiteCpp/Transaction.h>

#include <iterator>

namespace linkspan
{
namespace
{

error too_new(int found)
{
    return error(
        errc::conflict,
        "the database has schema " + std::to_string(found) + ", this linkspan knows " +
            std::to_string(schema_version()) + "; use the newer linkspan that wrote it"
    );
}

}  // namespace

int schema_version()
{
    return static_cast<int>(std::size(migration_files));
}

result<int> schema_version_of(database& on)
{
    return guarded(
        "read the schema's version",
        [&]() -> result<int> { return on.raw().execAndGet("PRAGMA user_version").getInt(); }
    );
}

result<> migrate(database& on)
{
    auto const found = schema_version_of(on);
    if (!found)
        return found.error();
    if (*found > schema_version())
        return too_new(*found);
    for (int version = *found; version < schema_version(); ++version)
    {
        auto const& file = migration_files[version];
        auto const done = guarded(
            "migrate with " + std::string(file.name),
            [&]() -> result<>
            {
                SQLite::Transaction step(on.raw(), SQLite::TransactionBehavior::IMMEDIATE);
                on.raw().exec(std::string(file.text));
                on.raw().exec("PRAGMA user_version=" + std::to_string(version + 1));
                step.commit();
                return {};
            }
        );
        if (!done)
            return done;
    }
    return {};
}

result<> require_schema(database& on)
{
    auto const found = schema_version_of(on);
    if (!found)
        return found.error();
    if (*found > schema_version())
        return too_new(*found);
    if (*found < schema_version())
        return error(
            errc::conflict,
            "the database has schema " + std::to_string(*found) +
                " and is held by an older linkspan serve; stop it, "
                "then try again"
        );
    return {};
}

}  // namespace linkspan
