#include "tests/support/test_profile.hpp"

#include "store/links.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <stdexcept>

namespace linkspan::test
{
namespace
{

// As a command would: never a checkpoint beside the app's own.
std::unique_ptr<SQLite::Database> connect(std::filesystem::path const& file)
{
    auto out = std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE, 5000);
    out->exec("PRAGMA wal_autocheckpoint=0");
    return out;
}

}  // namespace

time_point real_time()
{
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

test_profile::test_profile()
{
    paths_.config = folder_.path() / "config" / "config.toml";
    paths_.database = folder_.path() / "data" / "linkspan.db";
    paths_.master_key = folder_.path() / "data" / "master.key";
    paths_.state = folder_.path() / "state";
    for (auto const& folder : {paths_.config.parent_path(), paths_.database.parent_path(), paths_.state})
        make_private_folder(folder).value();
    vault::create(paths_.master_key).value();
}

link_id test_profile::add_link(
    std::string const& template_name,
    std::string const& name,
    std::map<std::string, std::string> const& fields,
    bool allow_unsigned
)
{
    std::array<std::uint8_t, 10> random{};
    fill_random(random);
    link_row row;
    row.id = make_link_id(random);
    row.name = name;
    row.template_name = template_name;
    row.allow_unsigned = allow_unsigned;
    auto const keys = vault::open(paths_.master_key);
    write(
        [&](transaction& tx) -> result<bool>
        {
            if (auto const done = insert_link(tx, row); !done)
                return done.error();
            for (auto const& [field, value] : fields)
                if (auto const done = put_field(tx, *keys, row.id, field, secret(value)); !done)
                    return done.error();
            return true;
        }
    );
    return row.id;
}

void test_profile::set_field(link_id const& id, std::string const& field, std::string const& value)
{
    auto const keys = vault::open(paths_.master_key);
    write(
        [&](transaction& tx) -> result<bool>
        {
            if (auto const done = put_field(tx, *keys, id, field, secret(value)); !done)
                return done.error();
            return true;
        }
    );
}

void test_profile::write(std::function<result<bool>(transaction&)> const& work)
{
    auto opened = command_store::open(paths_.database);
    opened.value().write(real_time(), work).value();
}

void test_profile::execute(std::string const& sql)
{
    auto const database = connect(paths_.database);
    database->exec(sql);
}

void test_profile::hold_database(std::function<void()> const& body)
{
    auto const database = connect(paths_.database);
    database->exec("BEGIN IMMEDIATE");
    body();
    database->exec("ROLLBACK");
}

std::string test_profile::query(std::string const& sql)
{
    auto const connection = connect(paths_.database);
    auto& database = *connection;
    SQLite::Statement statement(database, sql);
    return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
}

std::int64_t test_profile::count(std::string const& sql)
{
    return std::stoll(query("SELECT count(*) FROM " + sql));
}

config quick_config()
{
    config out;
    out.server.listen = {"127.0.0.1", 0};
    out.server.admin_listen = {"127.0.0.1", 0};
    out.server.log_level = "error";
    out.server.grace_seconds = 5;
    return out;
}

void add_source(config& into, std::string const& link, edition kind, std::string const& instance)
{
    auto& source = into.sources.emplace_back();
    source.name = "source of " + link;
    source.edition = kind;
    source.instance = instance;
    source.webhook = link;
}

void add_destination(
    config& into, std::string const& name, std::string const& link, std::string const& channel
)
{
    auto& destination = into.destinations.emplace_back();
    destination.name = name;
    destination.link = link;
    destination.channel = channel;
}

rule& add_rule(config& into, std::string const& destination)
{
    auto& added = into.rules.emplace_back();
    added.name = "rule " + std::to_string(into.rules.size());
    added.destinations = {destination};
    return added;
}

}  // namespace linkspan::test
