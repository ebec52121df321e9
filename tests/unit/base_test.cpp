#include "core/base/ids.hpp"
#include "core/base/nearest.hpp"
#include "core/base/secret.hpp"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

namespace linkspan
{
namespace
{

using ten_bytes = std::array<std::uint8_t, 10>;

ten_bytes filled(std::uint8_t byte)
{
    ten_bytes out;
    out.fill(byte);
    return out;
}

// RFC 9562, appendix A.6: its own example of a version 7.
TEST(ids, an_event_id_is_the_uuid_of_the_rfc)
{
    ten_bytes const random = {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    EXPECT_EQ(
        make_event_id(from_milliseconds(0x017F22E279B0), random).value, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    );
}

TEST(ids, version_and_variant_are_set_whatever_the_random_bytes)
{
    auto const now = from_milliseconds(1'700'000'000'000);
    for (unsigned byte = 0; byte < 256; ++byte)
    {
        auto const id = make_event_id(now, filled(static_cast<std::uint8_t>(byte))).value;
        ASSERT_EQ(id.size(), 36u);
        EXPECT_EQ(id[14], '7');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
        for (auto const dash : {8, 13, 18, 23})
            EXPECT_EQ(id[static_cast<std::size_t>(dash)], '-');
        EXPECT_EQ(id.substr(0, 13), "018bcfe5-6800") << "the moment";
    }
}

TEST(ids, event_ids_sort_by_their_moment)
{
    event_id last;
    for (std::int64_t step = 0; step < 2000; ++step)
    {
        // Less random bytes later: the moment alone must decide.
        auto const id = make_event_id(
            from_milliseconds(1'700'000'000'000 + step * 131),
            filled(static_cast<std::uint8_t>(255 - step % 256))
        );
        EXPECT_LT(last, id);
        last = id;
    }
}

TEST(ids, a_link_id_is_sixteen_letters_of_base32)
{
    EXPECT_EQ(make_link_id(filled(0)).value, "aaaaaaaaaaaaaaaa");
    EXPECT_EQ(make_link_id(filled(255)).value, "7777777777777777");
    ten_bytes const foobar = {'f', 'o', 'o', 'b', 'a', 'f', 'o', 'o', 'b', 'a'};
    EXPECT_EQ(make_link_id(foobar).value, "mzxw6ytbmzxw6ytb") << "RFC 4648, 10: BASE32(\"fooba\")";
    // Each of the eighty bits counts.
    std::set<std::string> ids;
    for (std::size_t bit = 0; bit < 80; ++bit)
    {
        auto bytes = filled(0);
        bytes[bit / 8] = static_cast<std::uint8_t>(1u << (bit % 8));
        ids.insert(make_link_id(bytes).value);
    }
    EXPECT_EQ(ids.size(), 80u);
}

TEST(ids, ids_of_different_things_are_different_types)
{
    static_assert(!std::is_convertible_v<link_id, event_id>);
    static_assert(!std::is_convertible_v<inbox_id, delivery_id>);
    static_assert(!std::is_convertible_v<std::string, link_id>);
    static_assert(!std::is_convertible_v<std::int64_t, inbox_id>);
    EXPECT_LT(inbox_id(1), inbox_id(2));
    EXPECT_EQ(link_id("a"), link_id("a"));
}

TEST(nearest, counts_single_characters)
{
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("abc", ""), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
    EXPECT_EQ(edit_distance("flaw", "lawn"), 2u);
    EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(nearest, names_the_word_that_was_meant)
{
    std::vector<std::string> const words = {"repositories", "kinds", "branches", "destinations"};
    EXPECT_EQ(nearest("branchs", words), "branches");
    EXPECT_EQ(nearest("kind", words), "kinds");
    EXPECT_EQ(nearest("destination", words), "destinations");
    EXPECT_EQ(nearest("kinds", words), "kinds");
    EXPECT_EQ(nearest("colour", words), "") << "nothing is near";
    EXPECT_EQ(nearest("", words), "");
    EXPECT_EQ(nearest("x", std::vector<std::string>()), "");
}

template <class T>
concept printable = requires(std::ostream& out, T const& value)
{
    out << value;
};

TEST(secret, shows_itself_only_when_asked)
{
    static_assert(!printable<secret>);
    static_assert(!std::is_convertible_v<secret, std::string>);
    static_assert(!std::is_convertible_v<secret, std::string_view>);
    static_assert(!std::is_convertible_v<std::string, secret>);
    secret const key("hunter2");
    EXPECT_EQ(key.reveal(), "hunter2");
    EXPECT_FALSE(key.empty());
    EXPECT_TRUE(secret().empty());
}

TEST(secret, takes_a_text_and_leaves_none_of_it)
{
    // Of the longest, no byte is beyond what is inside the object.
    for (std::string text : {std::string("hunter2"), std::string(15, 'k')})
    {
        auto const size = text.size();
        char const* const bytes = text.data();
        secret const key(std::move(text));
        EXPECT_EQ(key.reveal().size(), size);
        EXPECT_EQ(std::string_view(bytes, size), std::string(size, '\0'));
    }
    std::string const kept(200, 'k');
    EXPECT_EQ(secret(kept).reveal(), kept);
}

TEST(secret, a_move_leaves_nothing_behind)
{
    // Short and long: inside the object and on the heap.
    for (std::string const& text : {std::string("hunter2"), std::string(200, 'k')})
    {
        secret first(text);
        char const* const bytes = first.reveal().data();
        secret second(std::move(first));
        EXPECT_EQ(second.reveal(), text);
        EXPECT_TRUE(first.empty());                   // NOLINT(bugprone-use-after-move): what is tested
        EXPECT_EQ(*bytes, '\0') << "its bytes stay";  // the buffer is still first's own
        secret third;
        third = std::move(second);
        EXPECT_EQ(third.reveal(), text);
        EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move): what is tested
        secret fourth("other");
        fourth = third;
        EXPECT_EQ(fourth.reveal(), text);
        EXPECT_EQ(third.reveal(), text);
        auto& same = fourth;
        fourth = same;
        EXPECT_EQ(fourth.reveal(), text);
        fourth = std::move(same);
        EXPECT_EQ(fourth.reveal(), text);
    }
}

}  // namespace
}  // namespace linkspan
