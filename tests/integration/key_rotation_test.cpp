#include "store/rotation.hpp"
#include "tests/support/sealed_links.hpp"

#include <gtest/gtest.h>

// A rotation is a row of single steps. Whoever gives up behind any of them loses nothing, and whoever begins
// again comes to the end.

namespace linkspan::test
{
namespace
{

constexpr int links = 60;  // with 4 sealed rows each: more than one transaction

class key_rotation : public testing::Test
{
protected:
    key_rotation()
    {
        links_.make(vault::open(file_).value(), links);
        old_ = read_file(file_);
    }

    result<opened_keys> read_keys()
    {
        opened_keys out;
        auto const text = read_private_file(file_, "the master key", key_file_bytes_max, key_guard::mode);
        if (!text)
            return text.error();
        auto keys = parse_keys(*text, "the master key");
        if (!keys)
            return keys.error();
        out.keys = std::move(*keys);
        return out;
    }

    result<rotation> begin()
    {
        return rotation::open(
            database_, file_, [this] { return read_keys(); }, store_.now
        );
    }

    // As any process that reads the file now: everything must open with it, and it must be able to seal.
    void expect_everything_works(std::string const& when)
    {
        auto keys = vault::open(file_);
        ASSERT_TRUE(keys) << when;
        auto const sealed = store_.tell(
            [&](transaction& tx) -> result<>
            {
                auto const named = find_sealing_key(tx);
                if (!named)
                    return named.error();
                EXPECT_TRUE(keys->seal_with((*named)->key_id)) << when;
                return put_field(
                    tx, *keys, sealed_links::id_of(links), "client_secret", secret("client_secret-of-link-60")
                );
            }
        );
        EXPECT_TRUE(sealed) << when;
        EXPECT_EQ(links_.open_all(*keys), "") << when;
    }

    scratch_store store_;
    command_store database_ = command_store::open(store_.file()).value();
    std::filesystem::path file_ = store_.folder() / "master.key";
    vault first_ = vault::create(file_).value();
    sealed_links links_{store_};
    std::string old_;
};

TEST_F(key_rotation, given_up_behind_any_step_and_begun_again_comes_to_its_end)
{
    int steps = 0;
    for (int given_up_behind = 0;; ++given_up_behind)
    {
        auto const key_before = vault::open(file_).value().key_id();
        {
            auto work = begin();
            ASSERT_TRUE(work);
            EXPECT_FALSE(work->goes_on());
            steps = 0;
            while (steps < given_up_behind && work->next() != rotation_stage::done)
            {
                ASSERT_TRUE(work->step(database_, store_.now)) << steps;
                ++steps;
                expect_everything_works("behind step " + std::to_string(steps));
            }
            if (work->next() == rotation_stage::done)
                break;
        }
        auto again = begin();
        ASSERT_TRUE(again);
        EXPECT_EQ(again->goes_on(), given_up_behind > 0);
        while (again->next() != rotation_stage::done)
            ASSERT_TRUE(again->step(database_, store_.now)) << "begun again behind " << given_up_behind;
        auto const keys = vault::open(file_).value();
        EXPECT_EQ(keys.key_ids(), std::vector<std::string>{again->new_key_id()});
        EXPECT_NE(keys.key_id(), key_before);
        EXPECT_EQ(links_.open_all(keys), "");
    }
    EXPECT_GE(steps, 6) << "new key, its name, two transactions and more, old key";
}

TEST_F(key_rotation, leaves_nothing_that_the_old_key_opens)
{
    auto work = begin();
    ASSERT_TRUE(work);
    while (work->next() != rotation_stage::done)
        ASSERT_TRUE(work->step(database_, store_.now));
    auto const counts = store_.tell(count_sealed).value();
    ASSERT_EQ(counts.size(), 1u);
    EXPECT_EQ(counts.begin()->first, work->new_key_id());
    EXPECT_EQ(counts.begin()->second, 4 * links);
    EXPECT_EQ(work->resealed(), 4 * links);
    auto const opened = links_.open_all(first_);
    EXPECT_NE(opened.find("sealed with the master key " + work->new_key_id()), std::string::npos) << opened;
    // And it seals nothing either.
    auto const sealed =
        store_.tell([&](transaction& tx)
                    { return put_field(tx, first_, sealed_links::id_of(1), "client_secret", secret("late")); }
        );
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().code, errc::conflict);
    EXPECT_NE(read_file(file_), old_);
}

TEST_F(key_rotation, keeps_the_old_key_while_a_value_does_not_open)
{
    store_.change(
        "UPDATE link_field SET sealed = zeroblob(60) WHERE link = 'linkaaaaaaaaaaa7' AND name = "
        "'client_secret'"
    );
    result<> ended;
    {
        auto work = begin();
        ASSERT_TRUE(work);
        while (ended && work->next() != rotation_stage::done)
            ended = work->step(database_, store_.now);
    }
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, errc::unauthorized);
    for (auto const* part : {"1 value does not open", "client_secret", "linkaaaaaaaaaaa7"})
        EXPECT_NE(ended.error().message.find(part), std::string::npos) << ended.error().message;
    EXPECT_EQ(vault::open(file_).value().key_ids().size(), 2u);
    EXPECT_TRUE(vault::open(file_).value().holds(first_.key_id()));

    // Set again, nothing needs the old key any more.
    auto const keys = vault::open(file_).value();
    ASSERT_TRUE(store_.tell(
        [&](transaction& tx) {
            return put_field(
                tx, keys, sealed_links::id_of(7), "client_secret", secret("client_secret-of-link-7")
            );
        }
    ));
    auto again = begin();
    ASSERT_TRUE(again);
    while (again->next() != rotation_stage::done)
        ASSERT_TRUE(again->step(database_, store_.now));
    EXPECT_EQ(vault::open(file_).value().key_ids().size(), 1u);
    EXPECT_EQ(links_.open_all(vault::open(file_).value()), "");
}

TEST_F(key_rotation, is_of_one_process_at_a_time)
{
    auto const one = begin();
    ASSERT_TRUE(one);
    auto const two = begin();
    ASSERT_FALSE(two);
    EXPECT_EQ(two.error().code, errc::conflict);
    EXPECT_NE(two.error().message.find("another linkspan rotate-key"), std::string::npos);
}

TEST_F(key_rotation, refuses_a_file_that_does_not_hold_the_key_of_the_database)
{
    std::filesystem::remove(file_);
    vault::create(file_).value();
    auto const before = read_file(file_);
    auto const refused = begin();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unauthorized);
    EXPECT_NE(refused.error().message.find(first_.key_id()), std::string::npos) << refused.error().message;
    EXPECT_EQ(read_file(file_), before);
}

TEST_F(key_rotation, of_a_database_that_names_no_key_yet)
{
    store_.change("DELETE FROM sealing_key");
    {
        auto work = begin();
        ASSERT_TRUE(work);
        ASSERT_TRUE(work->step(database_, store_.now)
        );  // the new key stands in the file, and nobody knows it yet
    }
    auto again = begin();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->next(), rotation_stage::name_new_key);
    while (again->next() != rotation_stage::done)
        ASSERT_TRUE(again->step(database_, store_.now));
    EXPECT_EQ(links_.open_all(vault::open(file_).value()), "");
}

TEST_F(key_rotation, changes_what_locks_the_file)
{
    scrypt_cost cheap;
    cheap.log2_n = 10;
    cheap.p = 1;
    auto const lock = passphrase_lock::make(secret("correct horse"), cheap).value();
    auto work = begin();
    ASSERT_TRUE(work);
    work->lock_with(lock);
    while (work->next() != rotation_stage::done)
    {
        ASSERT_TRUE(work->step(database_, store_.now));
        EXPECT_TRUE(read_file(file_).starts_with(locked_key_head)) << "no moment in which it lies open";
    }
    auto line = read_file(file_);
    line.pop_back();
    auto const plain = lock.unlock(line, locked_key_head, "the file").value();
    auto const keys = vault::of_keys(parse_keys(plain, "the file").value(), "test");
    EXPECT_EQ(keys.key_id(), work->new_key_id());
    EXPECT_EQ(links_.open_all(keys), "");
}

// --- who may seal
// -------------------------------------------------------------------------------------------------

TEST(sealing, names_the_first_key_and_takes_no_other)
{
    scratch_store store;
    auto const mine = vault::create(store.folder() / "one.key").value();
    auto const other = vault::create(store.folder() / "two.key").value();
    sealed_links links(store);
    links.make(mine, 1);
    auto const named = store.tell(find_sealing_key).value();
    ASSERT_TRUE(named);
    EXPECT_EQ(named->key_id, mine.key_id());
    EXPECT_EQ(named->origin, "key file " + (store.folder() / "one.key").string());
    auto const put = [&](vault const& keys)
    {
        return store.tell(
            [&](transaction& tx)
            { return put_field(tx, keys, sealed_links::id_of(1), "client_secret", secret("x")); }
        );
    };
    auto const refused = put(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::conflict);
    for (auto const& part : {mine.key_id(), other.key_id(), std::string("--key-file")})
        EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().message;
    // A database from before keys were named: what has sealed its rows is the key.
    store.change("DELETE FROM sealing_key");
    EXPECT_FALSE(put(other));
    EXPECT_TRUE(put(mine));
    // Nothing is sealed any more: any key will do.
    store.change("DELETE FROM link");
    link_row row;
    row.id = sealed_links::id_of(1);
    row.template_name = "console";
    ASSERT_TRUE(store.tell([&](transaction& tx) { return insert_link(tx, row); }));
    EXPECT_TRUE(put(other));
    EXPECT_EQ(store.tell(find_sealing_key).value()->key_id, other.key_id());
}

TEST(sealing, keeps_to_the_key_of_the_unit_before_anything_is_sealed)
{
    scratch_store store;
    auto const of_unit = vault::of_keys({make_key()}, "systemd credential linkspan-master-key");
    auto const other = vault::create(store.folder() / "two.key").value();
    ASSERT_TRUE(store.tell([&](transaction& tx) { return name_sealing_key(tx, of_unit); }));
    link_row row;
    row.id = sealed_links::id_of(1);
    row.template_name = "console";
    ASSERT_TRUE(store.tell([&](transaction& tx) { return insert_link(tx, row); }));
    auto const put = [&](vault const& keys) {
        return store.tell([&](transaction& tx) { return put_field(tx, keys, row.id, "token", secret("x")); });
    };
    ASSERT_FALSE(put(other));
    EXPECT_EQ(put(other).error().code, errc::conflict);
    EXPECT_TRUE(put(of_unit));
    // Where the key is read now is told anew by the daemon, and what seals is not.
    ASSERT_TRUE(store.tell([&](transaction& tx) { return name_sealing_key(tx, other); }));
    EXPECT_EQ(store.tell(find_sealing_key).value()->key_id, of_unit.key_id());
}

}  // namespace
}  // namespace linkspan::test
