#include "tests/support/scratch_store.hpp"

#include "store/statement.hpp"

namespace linkspan::test
{

std::int64_t scratch_store::count(char const* sql)
{
    return tell([sql](transaction& tx) -> result<std::int64_t> { return ask(tx.connection(), sql); }).value();
}

void scratch_store::change(std::string const& sql)
{
    auto const run = [&sql](transaction& tx) -> result<>
    {
        tx.connection().raw().exec(sql);
        return {};
    };
    tell(run).value();
}

std::unique_ptr<database> open_beside(std::filesystem::path const& file)
{
    database_options options;
    options.file = file;
    return std::move(database::open(options).value());
}

std::int64_t ask(database& on, char const* sql)
{
    SQLite::Statement statement(on.raw(), sql);
    return statement.executeStep() ? number_at(statement, 0) : 0;
}

}  // namespace linkspan::test
