#include "store/statement.hpp"
#include "tests/support/sealed_links.hpp"

#include <gtest/gtest.h>

// What is altered in a sealed column, or moved to another row, does not open; the message says of which link
// and field.

namespace linkspan::test
{
namespace
{

struct sealed_column
{
    char const* table;
    char const* column;
    char const* field;    // as messages name it; empty: the row's own name
    char const* row_one;  // where
    char const* row_two;
};

constexpr sealed_column columns[] = {
    {"link_field",
     "sealed",
     "client_secret",
     "link = 'linkaaaaaaaaaaa1' AND name = 'client_secret'",
     "link = 'linkaaaaaaaaaaa2' AND name = 'client_secret'"},
    {"link_field",
     "sealed",
     "client_secret",
     "link = 'linkaaaaaaaaaaa1' AND name = 'client_secret'",
     "link = 'linkaaaaaaaaaaa1' AND name = 'webhook_secret'"},
    {"link_token",
     "access_sealed",
     "token.access_token",
     "link = 'linkaaaaaaaaaaa1'",
     "link = 'linkaaaaaaaaaaa2'"},
    {"link_token",
     "refresh_sealed",
     "token.refresh_token",
     "link = 'linkaaaaaaaaaaa1'",
     "link = 'linkaaaaaaaaaaa2'"},
    {"flow", "verifier_sealed", "flow.verifier", "link = 'linkaaaaaaaaaaa1'", "link = 'linkaaaaaaaaaaa2'"}};

class sealed_columns : public testing::TestWithParam<sealed_column>
{
protected:
    sealed_columns() { links_.make(keys_, 2); }

    std::string read(char const* row)
    {
        return store_
            .tell(
                [&](transaction& tx) -> result<std::string>
                {
                    SQLite::Statement statement(
                        tx.connection().raw(),
                        std::string("SELECT ") + GetParam().column + " FROM " + GetParam().table + " WHERE " +
                            row
                    );
                    statement.executeStep();
                    return text_at(statement, 0);
                }
            )
            .value();
    }
    void write(char const* row, std::string const& sealed)
    {
        store_
            .tell(
                [&](transaction& tx) -> result<>
                {
                    SQLite::Statement statement(
                        tx.connection().raw(),
                        std::string("UPDATE ") + GetParam().table + " SET " + GetParam().column +
                            " = ? WHERE " + row
                    );
                    statement.bind(1, sealed.data(), static_cast<int>(sealed.size()));
                    statement.exec();
                    return {};
                }
            )
            .value();
    }
    void expect_told(std::string const& what)
    {
        auto const found = links_.open_all(keys_);
        EXPECT_NE(found.find("altered or moved"), std::string::npos) << what << ": " << found;
        EXPECT_NE(found.find("linkaaaaaaaaaaa1"), std::string::npos) << what << ": " << found;
        EXPECT_NE(found.find(GetParam().field), std::string::npos) << what << ": " << found;
    }

    scratch_store store_;
    vault keys_ = vault::create(store_.folder() / "master.key").value();
    sealed_links links_{store_};
};

TEST_P(sealed_columns, every_altered_byte_is_noticed)
{
    ASSERT_EQ(links_.open_all(keys_), "");
    auto const sealed = read(GetParam().row_one);
    ASSERT_GT(sealed.size(), 28u);
    for (std::size_t i = 0; i < sealed.size(); ++i)
    {
        auto altered = sealed;
        altered[i] = static_cast<char>(altered[i] ^ 0x40);
        write(GetParam().row_one, altered);
        expect_told("byte " + std::to_string(i));
    }
    write(GetParam().row_one, sealed);
    EXPECT_EQ(links_.open_all(keys_), "");
}

TEST_P(sealed_columns, swapped_rows_are_noticed)
{
    auto const one = read(GetParam().row_one);
    auto const two = read(GetParam().row_two);
    write(GetParam().row_one, two);
    write(GetParam().row_two, one);
    expect_told("swapped");
}

INSTANTIATE_TEST_SUITE_P(all, sealed_columns, testing::ValuesIn(columns));

}  // namespace
}  // namespace linkspan::test
