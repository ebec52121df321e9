#include "cmd/linkspan/keys.hpp"
#include "store/rotation.hpp"
#include "tests/support/sealed_links.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

// Where the master key comes from, and what is said where it does not come.

namespace linkspan::test
{
namespace
{

class key_sources : public testing::Test
{
protected:
    key_sources()
    {
        paths_.database = store_.file();
        paths_.master_key = store_.folder() / "master.key";
    }

    std::filesystem::path write_secret(std::string const& name, std::string const& text)
    {
        auto const file = store_.folder() / name;
        write_file(file, text);
        ::chmod(file.c_str(), 0600);
        return file;
    }

    // A key file's text, and the id of its key.
    std::string text_of_new_key(std::string& id, std::string const& passphrase = {})
    {
        opened_keys made;
        made.keys.push_back(make_key());
        id = id_of_key(made.keys.front());
        if (!passphrase.empty())
        {
            scrypt_cost cheap;
            cheap.log2_n = scrypt_log2_n_min;
            cheap.p = 1;
            made.lock = passphrase_lock::make(secret(passphrase), cheap).value();
        }
        return std::string(text_of_keys(made).value().reveal());
    }

    void make_credential(std::string const& name, std::string const& text)
    {
        paths_.credentials = store_.folder() / "credentials";
        std::filesystem::create_directory(paths_.credentials);
        write_file(paths_.credentials / name, text);
        ::chmod((paths_.credentials / name).c_str(), 0440);  // as systemd does it for a user's unit
    }

    result<vault> read()
    {
        key_reader reader(paths_);
        return store_.tell([&](transaction& tx) { return reader.read(tx); });
    }
    std::string place()
    {
        return store_.tell([&](transaction& tx) { return key_place(tx, paths_); }).value();
    }

    scratch_store store_;
    command_store database_ = command_store::open(store_.file()).value();
    profile_paths paths_;
};

TEST_F(key_sources, a_named_file_goes_before_a_credential_and_that_before_the_default)
{
    std::string of_default, of_credential, of_named;
    write_secret("master.key", text_of_new_key(of_default));
    EXPECT_EQ(read().value().key_id(), of_default);
    EXPECT_EQ(place(), "key file " + paths_.master_key.string());
    make_credential("linkspan-master-key", text_of_new_key(of_credential));
    EXPECT_EQ(read().value().key_id(), of_credential);
    EXPECT_EQ(read().value().origin(), "systemd credential linkspan-master-key");
    EXPECT_EQ(place(), "systemd credential linkspan-master-key");
    paths_.master_key = write_secret("named.key", text_of_new_key(of_named));
    paths_.key_is_named = true;
    EXPECT_EQ(read().value().key_id(), of_named);
    EXPECT_EQ(place(), "key file " + paths_.master_key.string());
}

// Whoever reads the key does so with the database locked.
TEST_F(key_sources, a_wrong_passphrase_costs_its_third_of_a_second_once)
{
    opened_keys made;
    made.keys.push_back(make_key());
    made.lock = passphrase_lock::make(secret(std::string("correct horse battery"))).value();
    write_secret("master.key", std::string(text_of_keys(made).value().reveal()));
    paths_.passphrase_file = write_secret("passphrase", "another horse\n");
    key_reader reader(paths_);
    auto const again = [&] { return store_.tell([&](transaction& tx) { return reader.read(tx); }); };
    auto const time_of = [](auto const& work)
    {
        auto const begin = std::chrono::steady_clock::now();
        work();
        return std::chrono::steady_clock::now() - begin;
    };
    auto const once = time_of([&] { EXPECT_EQ(again().error().code, errc::unauthorized); });
    auto const twenty = time_of(
        [&]
        {
            for (int i = 0; i < 20; ++i)
                EXPECT_NE(again().error().message.find("does not open"), std::string::npos);
        }
    );
    EXPECT_LT(twenty, once * 5);
    write_secret("passphrase", "correct horse battery\n");
    EXPECT_TRUE(again());
}

TEST_F(key_sources, a_program_that_works_asks_nobody)
{
    std::string id;
    write_secret("master.key", text_of_new_key(id));
    key_reader reader(paths_);
    auto const again = [&] { return store_.tell([&](transaction& tx) { return reader.read(tx); }); };
    ASSERT_TRUE(again());
    reader.stop_asking();
    EXPECT_EQ(again().value().key_id(), id);
    // As rotate-key --lock leaves it, in another terminal.
    write_secret("master.key", text_of_new_key(id, "correct horse battery"));
    auto const locked = again();
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, errc::unauthorized);
    EXPECT_NE(locked.error().message.find("since this program was started"), std::string::npos);
    paths_.passphrase_file = write_secret("passphrase", "correct horse battery\n");
    key_reader informed(paths_);
    informed.stop_asking();
    EXPECT_EQ(store_.tell([&](transaction& tx) { return informed.read(tx); }).value().key_id(), id);
}

TEST_F(key_sources, a_locked_file_opens_with_a_file_or_a_credential)
{
    std::string id;
    write_secret("master.key", text_of_new_key(id, "correct horse"));
    EXPECT_EQ(place(), "key file " + paths_.master_key.string() + ", locked with a passphrase");
    auto const nobody = read();
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, errc::invalid);
    EXPECT_NE(nobody.error().message.find("--passphrase-file"), std::string::npos) << nobody.error().message;

    make_credential("linkspan-passphrase", "correct horse\n");
    EXPECT_EQ(read().value().key_id(), id);
    EXPECT_NE(read().value().origin().find("locked with a passphrase"), std::string::npos);
    paths_.passphrase_file = write_secret("words", "wrong horse\n");
    ASSERT_FALSE(read()) << "what is named goes before what is found";
    EXPECT_EQ(read().error().code, errc::unauthorized);
    EXPECT_NE(read().error().message.find("the passphrase does not open"), std::string::npos);
    write_secret("words", "correct horse\r\n");
    EXPECT_EQ(read().value().key_id(), id);
    ::chmod(paths_.passphrase_file.c_str(), 0644);
    ASSERT_FALSE(read());
    EXPECT_EQ(read().error().code, errc::unauthorized);
    EXPECT_NE(read().error().message.find("chmod 600"), std::string::npos);
    paths_.passphrase_file = store_.folder() / "none";
    EXPECT_EQ(read().error().code, errc::not_found);
    EXPECT_TRUE(read().error().message.starts_with("read the passphrase in ")) << read().error().message;
    key_reader reader(paths_);
    EXPECT_FALSE(reader.read_or_make(database_)) << "the key is there, though nobody can open it";
}

TEST_F(key_sources, a_credential_of_the_unit_is_told_where_it_is_not_seen)
{
    std::string id;
    auto unit = paths_;
    make_credential("linkspan-master-key", text_of_new_key(id));
    std::swap(unit, paths_);
    unit.master_key = paths_.master_key;
    key_reader daemon(unit);
    ASSERT_TRUE(name_keys(database_, daemon, store_.now));
    EXPECT_EQ(store_.tell(find_sealing_key).value()->key_id, id);

    EXPECT_EQ(place(), "systemd credential linkspan-master-key (only the unit sees it)");
    auto const sentence = std::string(
        "the master key is a systemd credential, which only the unit sees; give "
        "--key-file"
    );
    EXPECT_TRUE(read().error().message.starts_with(sentence)) << read().error().message;
    key_reader reader(paths_);
    auto const made =
        reader.read_or_make(database_);  // nothing is sealed, and still: another key would be foreign
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::not_found);
    EXPECT_TRUE(made.error().message.starts_with(sentence)) << made.error().message;
    EXPECT_FALSE(std::filesystem::exists(paths_.master_key));
}

TEST_F(key_sources, a_key_is_made_only_while_nothing_is_sealed)
{
    EXPECT_EQ(place(), "key file " + paths_.master_key.string() + " (not made yet)");
    auto const made = key_reader(paths_).read_or_make(database_);
    ASSERT_TRUE(made);
    sealed_links links(store_);
    links.make(*made, 1);
    for (auto const* emptied : {"DELETE FROM link_field", "DELETE FROM link_token"})
    {
        // Tokens and sign-ins alone count as well.
        std::filesystem::rename(paths_.master_key, store_.folder() / "kept.key");
        auto const refused = key_reader(paths_).read_or_make(database_);
        ASSERT_FALSE(refused) << emptied;
        EXPECT_EQ(refused.error().code, errc::not_found);
        EXPECT_NE(refused.error().message.find("restore it from your backup"), std::string::npos);
        EXPECT_FALSE(std::filesystem::exists(paths_.master_key));
        EXPECT_EQ(place(), "key file " + paths_.master_key.string() + " (missing)");
        std::filesystem::rename(store_.folder() / "kept.key", paths_.master_key);
        store_.change(emptied);
    }
}

TEST_F(key_sources, a_file_that_cannot_be_used_is_never_passed_over)
{
    sealed_links links(store_);
    links.make(vault::create(paths_.master_key).value(), 1);
    write_file(paths_.master_key, "hello");
    EXPECT_EQ(key_reader(paths_).read_or_make(database_).error().code, errc::invalid);
    EXPECT_EQ(place(), "key file " + paths_.master_key.string());
    EXPECT_EQ(read_file(paths_.master_key), "hello");
    ::chmod(paths_.master_key.c_str(), 0644);
    EXPECT_EQ(key_reader(paths_).read_or_make(database_).error().code, errc::unauthorized);
    EXPECT_EQ(place(), "key file " + paths_.master_key.string() + " (cannot be used)");
    key_reader daemon(paths_);
    auto const started = store_.tell([&](transaction& tx) { return keys_of_daemon(tx, daemon); });
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::unauthorized);
}

TEST_F(key_sources, one_reader_follows_a_rotation)
{
    key_reader reader(paths_);
    auto const first = reader.read_or_make(database_).value();
    sealed_links links(store_);
    links.make(first, 2);
    auto const read_again = [&]
    { return store_.tell([&](transaction& tx) { return reader.read(tx); }).value(); };
    auto work = rotation::open(
        database_, paths_.master_key, [&] { return reader.read_file(database_); }, store_.now
    );
    ASSERT_TRUE(work);
    while (work->next() != rotation_stage::done)
    {
        ASSERT_TRUE(work->step(database_, store_.now));
        auto const keys = read_again();
        EXPECT_EQ(links.open_all(keys), "");
        EXPECT_EQ(keys.key_id(), store_.tell(find_sealing_key).value()->key_id)
            << "never seals with another one";
    }
    EXPECT_EQ(read_again().key_ids(), std::vector<std::string>{work->new_key_id()});
}

TEST_F(key_sources, work_that_seals_gets_the_key_of_its_transaction)
{
    auto const stale = key_reader(paths_).read_or_make(database_).value();
    sealed_links links(store_);
    links.make(stale, 1);
    auto work = rotation::open(
        database_, paths_.master_key, [&] { return key_reader(paths_).read_file(database_); }, store_.now
    );
    while (work->next() != rotation_stage::done)
        ASSERT_TRUE(work->step(database_, store_.now));
    auto const put = [](transaction& tx, vault const& keys) -> result<int>
    {
        if (auto const done = put_field(tx, keys, sealed_links::id_of(1), "client_secret", secret("new"));
            !done)
            return done.error();
        return 1;
    };
    EXPECT_TRUE(write_sealed<int>(database_, paths_, put));
    // A foreign key in the file's place is no conflict that goes away.
    std::filesystem::remove(paths_.master_key);
    vault::create(paths_.master_key).value();
    auto const refused = write_sealed<int>(database_, paths_, put);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unauthorized);
    EXPECT_NE(refused.error().message.find("restore the right key file"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::test
