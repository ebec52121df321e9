#include "cmd/linkspan/api_advice.hpp"

#include "links/bitbucket/api.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

// All but `none` and `cancelled`, which nobody is told.
std::vector<bitbucket::api_fault> told_faults()
{
    std::vector<bitbucket::api_fault> out;
    for (auto one = static_cast<int>(bitbucket::api_fault::unauthorized);
         one < static_cast<int>(bitbucket::api_fault::cancelled);
         ++one)
        out.push_back(static_cast<bitbucket::api_fault>(one));
    return out;
}

TEST(api_advice, stands_behind_each_fault)
{
    EXPECT_EQ(told_faults().size(), 16u);
    for (auto const fault : told_faults())
        EXPECT_FALSE(advice_on(bitbucket::name_of(fault), "api").empty()) << bitbucket::name_of(fault);
    EXPECT_FALSE(advice_on(odd_clock_fault, "api").empty());
    EXPECT_FALSE(advice_on(budget_fault, "api").empty());
    EXPECT_TRUE(advice_on("cancelled", "api").empty());
    EXPECT_TRUE(advice_on("", "api").empty());
}

TEST(api_advice, names_the_link)
{
    EXPECT_EQ(
        advice_on("unauthorized", "my-api"),
        "linkspan check-link my-api says what is wrong with the credential"
    );
}

TEST(api_advice, tells_what_a_fault_says_of_the_link)
{
    using bitbucket::link_sign;
    std::string of_one, of_list_alone, works;
    for (auto const fault : told_faults())
    {
        auto const name = std::string(bitbucket::name_of(fault)) + " ";
        if (bitbucket::sign_of(fault, true) == link_sign::fails)
            of_one += name;
        else if (bitbucket::sign_of(fault, false) == link_sign::fails)
            of_list_alone += name;
        else if (bitbucket::sign_of(fault, true) == link_sign::works)
            works += name;
    }
    EXPECT_EQ(of_one, "unauthorized forbidden not_json not_a_page foreign_host ");
    EXPECT_EQ(of_list_alone, "refused unavailable unheard oversized endless ");
    EXPECT_EQ(works, "not_found gone moved page_limit shifted ");
    for (auto const fault : {bitbucket::api_fault::rate_limited, bitbucket::api_fault::cancelled})
        EXPECT_EQ(bitbucket::sign_of(fault, false), link_sign::nothing);
    EXPECT_EQ(bitbucket::sign_of(bitbucket::api_fault::none, false), link_sign::works);
}

}  // namespace
}  // namespace linkspan::test
